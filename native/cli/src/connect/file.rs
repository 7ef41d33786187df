//! The configuration of a connector in a file.

use super::CLASS;
use crate::failure::Failure;
use serde_json::{Map, Value};
use std::fs;
use std::path::Path;

/// What a file says, in whichever of Connect's two forms.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ConnectorFile {
    pub(crate) name: String,
    /// Keys and texts.
    pub(crate) config: Map<String, Value>,
}

impl ConnectorFile {
    pub(crate) fn read(path: &Path, name: Option<&str>, adopt: bool) -> Result<Self, Failure> {
        let text = fs::read_to_string(path)
            .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        Self::parse(&text, name, adopt)
            .map_err(|problem| Failure::Usage(format!("{}: {problem}", path.display())))
    }

    fn parse(text: &str, name: Option<&str>, adopt: bool) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let Value::Object(mut object) = value else {
            return Err("it is not a JSON object".to_owned());
        };
        let mut named = object
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if let Some(config) = object.get_mut("config").and_then(Value::as_object_mut) {
            let config = std::mem::take(config);
            named = named.or_else(|| {
                config
                    .get("name")
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            });
            object = config;
        }
        let mut config = Map::new();
        for (key, value) in object {
            let text = match value {
                Value::String(text) => text,
                Value::Bool(_) | Value::Number(_) => value.to_string(),
                _ => return Err(format!("{key} is not a text, a number or a boolean")),
            };
            config.insert(key, text.into());
        }
        let class = config
            .get("connector.class")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if class.starts_with("io.confluent.connect.hdfs") {
            if !adopt {
                return Err(format!(
                    "connector.class is {class}; with --adopt it is changed to {CLASS}, and all else stays"
                ));
            }
            config.insert("connector.class".to_owned(), CLASS.into());
        } else if class.is_empty() {
            return Err(format!(
                "it has no connector.class; write \"connector.class\": \"{CLASS}\""
            ));
        }
        let name = name.map(str::to_owned).or(named);
        let name =
            name.ok_or("it does not name the connector; write \"name\": \"...\", or give --name")?;
        Ok(Self { name, config })
    }

    pub(crate) fn class(&self) -> &str {
        self.config["connector.class"].as_str().unwrap_or_default()
    }

    /// The keys as Connect wants them.
    pub(crate) fn config_with_name(&self) -> Value {
        let mut config = self.config.clone();
        config.insert("name".to_owned(), self.name.as_str().into());
        config.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_forms_are_read() {
        let flat = json!({"name": "a", "connector.class": "x.Y", "tasks.max": 2, "flag": true})
            .to_string();
        let nested = json!({"name": "a", "config": {"connector.class": "x.Y", "tasks.max": "2", "flag": "true"}});
        let (flat, nested) = (
            ConnectorFile::parse(&flat, None, false).unwrap(),
            ConnectorFile::parse(&nested.to_string(), None, false).unwrap(),
        );
        assert_eq!(flat.config_with_name(), nested.config_with_name());
        assert_eq!((flat.class(), flat.name.as_str()), ("x.Y", "a"));
        let other = json!({"connector.class": "x.Y"}).to_string();
        assert_eq!(
            ConnectorFile::parse(&other, Some("b"), false).unwrap().name,
            "b"
        );
    }

    #[test]
    fn a_configuration_of_confluents_sink_is_adopted_on_demand() {
        let theirs =
            json!({"name": "a", "connector.class": "io.confluent.connect.hdfs.HdfsSinkConnector"})
                .to_string();
        assert!(
            ConnectorFile::parse(&theirs, None, false)
                .unwrap_err()
                .contains("--adopt")
        );
        assert_eq!(
            ConnectorFile::parse(&theirs, None, true).unwrap().class(),
            CLASS
        );
    }

    #[test]
    fn what_is_wrong_with_a_file_is_said() {
        for (text, word) in [
            ("{", "EOF"),
            ("[]", "not a JSON object"),
            (r#"{"name":"a"}"#, CLASS),
            (r#"{"connector.class":"x.Y"}"#, "--name"),
            (
                r#"{"name":"a","connector.class":"x.Y","topics":["a"]}"#,
                "topics is not a text",
            ),
        ] {
            let problem = ConnectorFile::parse(text, None, false).unwrap_err();
            assert!(problem.contains(word), "{problem}");
        }
    }
}
