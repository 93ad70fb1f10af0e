"""Making, keeping and checking data with truth: what models are trained and measured on."""
