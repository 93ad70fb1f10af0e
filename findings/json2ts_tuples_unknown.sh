#!/usr/bin/env bash
# Tuples of JSON Schema 2020-12, as pydantic writes them, become tuples of unknown in TypeScript.
#
# pydantic describes `tuple[int, int]` as JSON Schema 2020-12 has it: an array with "prefixItems" of
# two integers, "minItems" and "maxItems" 2. json-schema-to-typescript makes types of such schemas.
#
# One would guess: [number, number]; or an error, if the keyword is not known.
# What happens: the length is kept and the types are lost without a word, [unknown, unknown]. The same
# tuple written the old way, with "items" a list, comes out as [number, number].
#
# Seen with json-schema-to-typescript 16.0.0 and pydantic 2.12.0 on 30 November 2026. Exits with 1 if
# that is no longer so.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv python
python/bin/pip install --quiet pydantic==2.12.0 2>pip.log || { cat pip.log; exit 2; }
npm install --silent --no-audit --no-fund json-schema-to-typescript@16.0.0 >npm.log 2>&1 || {
    cat npm.log
    exit 2
}

python/bin/python - <<'PYTHON'
import json

from pydantic import BaseModel


class Mark(BaseModel):
    at: tuple[int, int]


schema = Mark.model_json_schema()
with open("new.json", "w") as file:
    json.dump(schema, file)
at = schema["properties"]["at"]
assert "prefixItems" in at, at
at["items"] = at.pop("prefixItems")
with open("old.json", "w") as file:
    json.dump(schema, file)
PYTHON

for way in new old; do
    echo "--- $way way of writing it:"
    npx json2ts -i "$way.json" | tee "$way.ts" | grep "\[" || true
done

if grep -q "\[unknown, unknown\]" new.ts && grep -q "\[number, number\]" old.ts; then
    echo "as described: types of prefixItems are lost"
else
    echo "no longer as described"
    exit 1
fi
