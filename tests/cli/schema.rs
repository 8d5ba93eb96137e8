//! Just enough of JSON Schema for the schemas in use: draft 4 of SARIF's, 2020-12 of ours. A keyword that is not known here
//! fails the test, so that nothing passes because it was not looked at.

use serde_json::Value;

/// What in `instance` is against `schema`, a line each.
pub(super) fn violations(schema: &Value, instance: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Check { root: schema, found: &mut found }.value(schema, instance, "");
    found
}

struct Check<'a> {
    root: &'a Value,
    found: &'a mut Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, schema: &Value, instance: &Value, at: &str) {
        for (keyword, wanted) in schema.as_object().into_iter().flatten() {
            if let Some(problem) = self.keyword(keyword, wanted, schema, instance, at) {
                self.found.push(format!("{at}: {problem}"));
            }
        }
    }

    /// Whether a value has nothing against a schema.
    fn fits(&self, schema: &Value, instance: &Value) -> bool {
        let mut found = Vec::new();
        Check { root: self.root, found: &mut found }.value(schema, instance, "");
        found.is_empty()
    }

    fn keyword(&mut self, keyword: &str, wanted: &Value, schema: &Value, instance: &Value, at: &str) -> Option<String> {
        match keyword {
            "$schema" | "id" | "title" | "description" | "default" | "definitions" | "$defs" => None,
            "$ref" => {
                let path = wanted.as_str().unwrap().strip_prefix('#').unwrap();
                let root = self.root;
                self.value(root.pointer(path).unwrap(), instance, at);
                None
            }
            "type" => {
                let kinds = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
                let is = kinds.iter().any(|kind| is_a(instance, kind.as_str().unwrap()));
                (!is).then(|| format!("is no {wanted}: {instance}"))
            }
            "enum" => (!wanted.as_array().unwrap().contains(instance)).then(|| format!("is none of {wanted}")),
            "minimum" => instance
                .as_f64()
                .filter(|number| *number < wanted.as_f64().unwrap())
                .map(|number| format!("{number} is below {wanted}")),
            "maximum" => instance
                .as_f64()
                .filter(|number| *number > wanted.as_f64().unwrap())
                .map(|number| format!("{number} is above {wanted}")),
            "minItems" => instance
                .as_array()
                .filter(|items| (items.len() as u64) < wanted.as_u64().unwrap())
                .map(|items| format!("has only {} items", items.len())),
            "uniqueItems" => instance
                .as_array()
                .filter(|items| items.iter().enumerate().any(|(index, item)| items[..index].contains(item)))
                .map(|_| "has an item twice".to_owned()),
            "format" => instance
                .as_str()
                .filter(|text| wanted.as_str() == Some("uri") && !text.contains(':') || text.contains([' ', '\\']))
                .map(|text| format!("is no {wanted}: {text}")),
            "required" => {
                let have = instance.as_object()?;
                let missing: Vec<&Value> = wanted
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|name| !have.contains_key(name.as_str().unwrap()))
                    .collect();
                (!missing.is_empty()).then(|| format!("lacks {missing:?}"))
            }
            "properties" => {
                for (name, value) in instance.as_object()? {
                    if let Some(schema) = wanted.get(name) {
                        self.value(schema, value, &format!("{at}/{name}"));
                    }
                }
                None
            }
            "additionalProperties" => {
                let known = schema.get("properties");
                for (name, value) in instance.as_object()? {
                    if known.is_some_and(|known| known.get(name).is_some()) {
                        continue;
                    }
                    match wanted {
                        Value::Bool(true) => {}
                        Value::Bool(false) => self.found.push(format!("{at}: has `{name}`, which there is not")),
                        schema => self.value(schema, value, &format!("{at}/{name}")),
                    }
                }
                None
            }
            "items" => {
                for (index, item) in instance.as_array()?.iter().enumerate() {
                    self.value(wanted, item, &format!("{at}/{index}"));
                }
                None
            }
            "anyOf" => {
                let any = wanted.as_array().unwrap().iter().any(|schema| self.fits(schema, instance));
                (!any).then(|| format!("fits none of {wanted}"))
            }
            "oneOf" => {
                let fits = wanted.as_array().unwrap().iter().filter(|schema| self.fits(schema, instance)).count();
                (fits != 1).then(|| format!("fits {fits} of {wanted}"))
            }
            "pattern" if wanted == "^[a-z][a-z-]*$" => {
                let text = instance.as_str()?;
                let letters = text.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !text.starts_with('-');
                (text.is_empty() || !letters).then(|| format!("does not match {wanted}"))
            }
            _ => panic!("{at}: `{keyword}` {wanted} is not checked by this test; teach it"),
        }
    }
}

fn is_a(instance: &Value, kind: &str) -> bool {
    match kind {
        "object" => instance.is_object(),
        "array" => instance.is_array(),
        "string" => instance.is_string(),
        "boolean" => instance.is_boolean(),
        "null" => instance.is_null(),
        "integer" => instance.is_i64() || instance.is_u64(),
        "number" => instance.is_number(),
        _ => panic!("unknown type {kind}"),
    }
}

#[test]
fn a_schema_is_held_to() {
    let schema = serde_json::json!({
        "type": "object", "required": ["a"], "additionalProperties": false,
        "properties": {"a": {"$ref": "#/definitions/n"}, "b": {"type": "array", "minItems": 1, "uniqueItems": true}},
        "definitions": {"n": {"type": "integer", "minimum": 1}}
    });
    for (text, count) in [
        (r#"{"a": 1}"#, 0),
        (r#"{"a": 1, "b": [1, 2]}"#, 0),
        (r#"{"a": 0}"#, 1),
        (r#"{"a": "x"}"#, 1),
        (r#"{"b": [1, 1], "c": 3}"#, 3),
        (r#"{"a": 2, "b": []}"#, 1),
        ("[]", 1),
    ] {
        let found = violations(&schema, &serde_json::from_str(text).unwrap());
        assert_eq!(found.len(), count, "{text}: {found:?}");
    }
}
