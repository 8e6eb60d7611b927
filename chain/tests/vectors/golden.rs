//! Golden files: compared, or rewritten on request.

use std::path::PathBuf;

use serde_json::Value;

/// Compares a value with its file, and names the first place where they differ.
#[expect(
    clippy::disallowed_methods,
    reason = "golden files are read and written here and nowhere else"
)]
#[expect(clippy::panic, reason = "a difference fails the test")]
pub(crate) fn check(name: &str, value: &Value) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("vectors");
    let path = folder.join(format!("{name}.json"));
    if std::env::var_os("PIAO_UPDATE_GOLDEN").is_some_and(|wish| wish == "1") {
        let mut text = serde_json::to_string_pretty(value).unwrap();
        text.push('\n');
        std::fs::write(path, text).unwrap();
        return;
    }
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    if let Some(place) = difference(&kept, value, String::new()) {
        panic!(
            "vectors/{name}.json differs at {place}: {:?} is kept, {:?} is computed",
            kept.pointer(&place),
            value.pointer(&place)
        );
    }
}

/// The JSON pointer of the first difference.
fn difference(kept: &Value, made: &Value, place: String) -> Option<String> {
    match (kept, made) {
        (Value::Object(a), Value::Object(b)) if a.keys().eq(b.keys()) => a
            .iter()
            .find_map(|(key, value)| difference(value, &b[key], format!("{place}/{key}"))),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => a
            .iter()
            .zip(b)
            .enumerate()
            .find_map(|(at, (a, b))| difference(a, b, format!("{place}/{at}"))),
        _ => (kept != made).then_some(place),
    }
}

/// Lower-case hex.
pub(crate) fn hexed(bytes: impl AsRef<[u8]>) -> String {
    hex::encode(bytes)
}
