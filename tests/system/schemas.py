"""Holds answers against the OpenAPI document of a service: of JSON Schema what the document uses.

Stricter than a client has to be: an answer may have no member that its schema does not name.
"""

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
         "integer": int, "number": (int, float)}


class Document:
    def __init__(self, document):
        self.document = document

    def paths(self, method):
        return [path for path, item in self.document["paths"].items() if method in item]

    def mismatch(self, method, path, status, answer):
        """Where and how an answer is not as the document says; empty where it is."""
        responses = self.document["paths"][path][method]["responses"]
        response = responses.get(str(status)) or responses["default"]
        content = response["content"].get("application/json") or \
            response["content"].get("application/problem+json")
        return self._value(answer, content["schema"], f"{method} {path}") if content else ""

    def _value(self, value, schema, place):
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self._value(value, self.document["components"]["schemas"][name], place)
        if "anyOf" in schema:
            wrong = [self._value(value, choice, place) for choice in schema["anyOf"]]
            return "" if "" in wrong else wrong[0]
        kind = schema.get("type")
        if kind is None:
            return ""
        if not isinstance(value, TYPES[kind]) or (kind in ("integer", "number")
                                                  and isinstance(value, bool)):
            return f"{place} is {value!r:.80}, expected {kind}"
        if kind == "array":
            return next(filter(None, (self._value(one, schema["items"], place + "[]")
                                      for one in value)), "")
        return self._object(value, schema, place) if kind == "object" else ""

    def _object(self, value, schema, place):
        for name in schema.get("required", []):
            if name not in value:
                return f"{place}.{name} is missing"
        for name, member in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            if not isinstance(inner, dict):
                return f"{place}.{name} is in no schema"
            if wrong := self._value(member, inner, f"{place}.{name}"):
                return wrong
        return ""
