"""Writes the JSON schema of what the page and its server say, for page/src/messages.ts.

    python scripts/write_page_types.py SCHEMA.json

`make page-types` makes TypeScript of it; `make page-check` sees that the types there are those of
src/shiage/web/messages.py.
"""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from shiage.web import messages

FROM_PAGE: tuple[Any, ...] = (messages.Action, messages.Export)
"""What the page says; all else the server says."""


def main() -> None:
    """Write the schema."""
    said = {
        kind
        for kind in vars(messages).values()
        if inspect.isclass(kind) and issubclass(kind, messages.Message)
    } - {messages.Message}
    from_page: dict[str, Any] = {"$defs": {}}
    for kind in FROM_PAGE:
        of_one = TypeAdapter(kind).json_schema()
        from_page["$defs"] |= of_one.pop("$defs", {})
        name = of_one.get("title", "Action")
        from_page["$defs"][name] = of_one
    others = sorted((m for m in said if m.__name__ not in from_page["$defs"]), key=str)
    mode: JsonSchemaMode = "serialization"
    _, from_server = models_json_schema([(kind, mode) for kind in others])
    definitions = _plain(from_server["$defs"] | from_page["$defs"])
    schema = {
        "title": "Messages",
        "description": "All that is said, by name.",
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{name}"} for name in sorted(definitions)},
        "required": sorted(definitions),
        "additionalProperties": False,
        "$defs": definitions,
    }
    Path(sys.argv[1]).write_text(json.dumps(schema, indent=1), encoding="utf-8")


def _plain(schema: Any) -> Any:
    """Return a schema with nothing but what TypeScript can say."""
    if isinstance(schema, list):
        return [_plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    left_out = {"discriminator", "maxItems", "minItems", "prefixItems"}
    plain = {key: _plain(value) for key, value in schema.items() if key not in left_out}
    if not isinstance(plain.get("title"), dict):  # a name that would become a type of its own
        plain.pop("title", None)
    if "prefixItems" in schema:
        items = [_plain(item) for item in schema["prefixItems"]]
        plain |= {"items": items, "minItems": len(items), "maxItems": len(items)}
    return plain


if __name__ == "__main__":
    main()
