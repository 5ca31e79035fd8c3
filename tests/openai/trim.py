"""Cut the provider's OpenAPI document down to the schemas that the tests hold answers against.

    python tests/openai/trim.py SOURCE     SOURCE: openapi.json of openai/openai-openapi

Writes `routes.txt` beside this script, every route of the document, and `schemas.json`: a JSON
Schema (2020-12) document with one entry in `$defs` for each schema that is needed, and for all that
those refer to. What OpenAPI spells differently (`nullable`) is translated; examples and
documentation are left out.
"""

import json
import sys
from pathlib import Path

ROOTS = [
    "CreateChatCompletionRequest",
    "CreateChatCompletionResponse",
    "CreateChatCompletionStreamResponse",
    "CreateCompletionRequest",
    "CreateCompletionResponse",
    "CreateEmbeddingResponse",
    "CreateModerationResponse",
    "ErrorResponse",
    "ImageEditCompletedEvent",
    "ImageEditPartialImageEvent",
    "ImageGenCompletedEvent",
    "ImageGenPartialImageEvent",
    "ListModelsResponse",
    "RealtimeServerEvent",
    "Upload",
    "UploadPart",
]
# What changes no verdict. `discriminator` repeats what `oneOf` says.
DROPPED = {"description", "title", "example", "examples", "default", "deprecated", "discriminator"}
# Members that hold schemas by name: their keys are names, not keywords.
NAMED = {"properties", "patternProperties", "$defs"}
PREFIX = "#/components/schemas/"
METHODS = {"get", "post", "put", "patch", "delete"}


def translate(schema):
    """The schema in JSON Schema's own words."""
    if isinstance(schema, list):
        return [translate(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, value in schema.items():
        if key in DROPPED or key.startswith("x-") or key == "nullable":
            continue
        if key in NAMED:
            result[key] = {name: translate(part) for name, part in value.items()}
        elif key == "$ref":
            result[key] = value.replace(PREFIX, "#/$defs/")
        elif key in ("enum", "const", "required"):
            result[key] = value
        else:
            result[key] = translate(value)
    if schema.get("nullable"):
        return {"anyOf": [result, {"type": "null"}]}
    return result


def references(schema):
    """The names that a translated schema refers to."""
    if isinstance(schema, list):
        for item in schema:
            yield from references(item)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str):
                yield value.removeprefix("#/$defs/")
            else:
                yield from references(value)


def main(source):
    document = json.loads(Path(source).read_text(encoding="utf-8"))
    schemas = document["components"]["schemas"]
    needed, waiting = {}, list(ROOTS)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = translate(schemas[name])
            waiting.extend(references(needed[name]))
    trimmed = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"openai/openai-openapi {document['info']['version']}, MIT: see LICENSE",
        "$defs": dict(sorted(needed.items())),
    }
    target = Path(__file__).with_name("schemas.json")
    target.write_text(json.dumps(trimmed, indent=1) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(needed)} schemas, {target.stat().st_size} bytes")
    paths = sorted(
        f"{method.upper()} /v1{path.split('?')[0]}"
        for path, methods in document["paths"].items()
        for method in methods
        if method in METHODS
    )
    target = Path(__file__).with_name("routes.txt")
    target.write_text("\n".join(dict.fromkeys(paths)) + "\n", encoding="utf-8")
    print(f"{target.name}: {len(paths)} routes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
