import { defineConfig } from "vite";

// The names carry no hash, so that the built files can be committed and compared with the source.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../src/shiage/web/static",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: false,
    rollupOptions: {
      output: {
        entryFileNames: "assets/app.js",
        assetFileNames: "assets/app[extname]",
        codeSplitting: false,
      },
    },
  },
});
