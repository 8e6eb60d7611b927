//! Taking the members of a JSON object one by one, and refusing what is left.
//!
//! Guards: all faults of a body are found in one pass: every unknown member (E1104) and every
//! member of the wrong type, each with its pointer.
//! Types: a text, flag, list or object of the wrong JSON type is E1111 at its pointer. Money given
//! as a JSON number is E1201, with the text to send when it stands for exactly that amount; other
//! decimals given as a number are E1111, with the number as text. Numbers are never read as floats.

use std::collections::BTreeMap;

use piao_chain::amount::Fen;
use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::limits::FAULTS_MAX;
use crate::strict_json::{Json, below, shortened};

/// The members of one object that nobody has taken yet.
#[derive(Debug)]
pub(crate) struct Members<'a> {
    pointer: String,
    left: Vec<(String, Json)>,
    faults: &'a mut Vec<Fault>,
}

impl<'a> Members<'a> {
    /// Opens the body itself.
    ///
    /// # Errors
    /// [`FailureCode::BodyMalformed`] if it is not an object.
    pub(crate) fn open(body: Json, faults: &'a mut Vec<Fault>) -> Result<Self, Box<Fault>> {
        let Json::Object(left) = body else {
            return Err(Fault::new(FailureCode::BodyMalformed)
                .expected("an object")
                .into());
        };
        let pointer = String::new();
        Ok(Self {
            pointer,
            left,
            faults,
        })
    }

    /// Takes a text. Absent and `null` are the same.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        match self.take(name)? {
            Json::Text(text) => Some(text),
            Json::Number(number) => {
                let suggested = plain_decimal(&number).then_some(number);
                self.wrong_type(name, "a string", suggested);
                None
            }
            _ => {
                self.wrong_type(name, "a string", None);
                None
            }
        }
    }

    /// Takes an amount of money, which is a text too.
    pub(crate) fn money(&mut self, name: &str) -> Option<String> {
        if let Some(Json::Number(number)) = self.peek(name).cloned() {
            self.take(name);
            let pointer = below(&self.pointer, name);
            let mut fault = Fault::at(FailureCode::AmountScale, pointer)
                .got(shortened(&number))
                .expected("a string with two decimals");
            fault.suggested = as_money(&number);
            self.push(fault);
            return None;
        }
        self.text(name)
    }

    /// Takes a small whole number, given as a JSON number without sign, point or exponent.
    #[cfg(feature = "server")]
    pub(crate) fn index(&mut self, name: &str) -> Option<u32> {
        let index = match self.take(name)? {
            Json::Number(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                number.parse().ok()
            }
            _ => None,
        };
        if index.is_none() {
            self.wrong_type(name, "a whole number", None);
        }
        index
    }

    /// Takes a flag. Absent and `null` are the same.
    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        match self.take(name)? {
            Json::Bool(flag) => Some(flag),
            _ => {
                self.wrong_type(name, "true or false", None);
                None
            }
        }
    }

    /// Takes a list of texts; absent is empty.
    pub(crate) fn texts(&mut self, name: &str) -> Vec<String> {
        let mut texts = Vec::new();
        for (pointer, item) in self.items(name) {
            match item {
                Json::Text(text) => texts.push(text),
                _ => self.push(malformed(pointer, "a string")),
            }
        }
        texts
    }

    /// Takes an object and reads it with `read`; absent is `None`.
    pub(crate) fn object<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Members<'_>) -> T,
    ) -> Option<T> {
        match self.take(name)? {
            Json::Object(left) => {
                let pointer = below(&self.pointer, name);
                Some(read_below(pointer, left, self.faults, read))
            }
            _ => {
                self.wrong_type(name, "an object", None);
                None
            }
        }
    }

    /// Takes a text, or an object and reads it with `read`.
    pub(crate) fn text_or_object<T>(
        &mut self,
        name: &str,
        text: impl FnOnce(String) -> T,
        read: impl FnOnce(&mut Members<'_>) -> T,
    ) -> Option<T> {
        match self.peek(name) {
            Some(Json::Object(_)) => self.object(name, read),
            Some(Json::Text(_)) => self.text(name).map(text),
            None | Some(Json::Null) => self.take(name).map(|_never| text(String::new())),
            Some(_) => {
                self.take(name);
                self.wrong_type(name, "a string or an object", None);
                None
            }
        }
    }

    /// Takes every member that is left: texts and flags, by name; `null` is absent.
    pub(crate) fn texts_and_flags<T>(
        &mut self,
        text: impl Fn(String) -> T,
        flag: impl Fn(bool) -> T,
    ) -> BTreeMap<String, T> {
        let mut values = BTreeMap::new();
        for (name, value) in core::mem::take(&mut self.left) {
            match value {
                Json::Null => {}
                Json::Text(value) => {
                    values.insert(name, text(value));
                }
                Json::Bool(value) => {
                    values.insert(name, flag(value));
                }
                _ => self.wrong_type(&name, "a string, true or false", None),
            }
        }
        values
    }

    /// Takes a list of objects and reads each; an item of another type is a fault and stands as
    /// the empty object would, so that the items after it keep their index.
    pub(crate) fn objects<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Members<'_>) -> T,
    ) -> Vec<T> {
        let mut objects = Vec::new();
        for (pointer, item) in self.items(name) {
            let left = if let Json::Object(left) = item {
                left
            } else {
                self.push(malformed(pointer.clone(), "an object"));
                Vec::new()
            };
            objects.push(read_below(pointer, left, self.faults, &mut read));
        }
        objects
    }

    /// Takes a list with the pointer of each item; absent is empty.
    fn items(&mut self, name: &str) -> Vec<(String, Json)> {
        match self.take(name) {
            None => Vec::new(),
            Some(Json::Array(items)) => {
                let pointer = below(&self.pointer, name);
                let numbered = items.into_iter().enumerate();
                numbered
                    .map(|(index, item)| (format!("{pointer}/{index}"), item))
                    .collect()
            }
            Some(_) => {
                self.wrong_type(name, "a list", None);
                Vec::new()
            }
        }
    }

    /// Refuses every member nobody took.
    pub(crate) fn finish(&mut self) {
        for (name, _) in core::mem::take(&mut self.left) {
            let pointer = below(&self.pointer, &name);
            self.push(Fault::at(FailureCode::UnknownField, pointer));
        }
    }

    fn peek(&self, name: &str) -> Option<&Json> {
        self.left
            .iter()
            .find(|(given, _)| given == name)
            .map(|(_, value)| value)
    }

    fn take(&mut self, name: &str) -> Option<Json> {
        let index = self.left.iter().position(|(given, _)| given == name)?;
        // `remove` keeps the order, so that unknown members are reported as written.
        let (_, value) = self.left.remove(index);
        (value != Json::Null).then_some(value)
    }

    fn wrong_type(&mut self, name: &str, expected: &str, suggested: Option<String>) {
        let mut fault = malformed(below(&self.pointer, name), expected);
        fault.suggested = suggested;
        self.push(fault);
    }

    fn push(&mut self, fault: Fault) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
}

fn read_below<T>(
    pointer: String,
    left: Vec<(String, Json)>,
    faults: &mut Vec<Fault>,
    read: impl FnOnce(&mut Members<'_>) -> T,
) -> T {
    let mut members = Members {
        pointer,
        left,
        faults,
    };
    let value = read(&mut members);
    members.finish();
    value
}

fn malformed(pointer: String, expected: &str) -> Fault {
    Fault::at(FailureCode::BodyMalformed, pointer).expected(expected)
}

/// Whether a number is written without exponent and short enough to repeat.
fn plain_decimal(number: &str) -> bool {
    number.len() <= 25 && !number.contains(['e', 'E'])
}

/// The money text a number stands for exactly: `5` → `5.00`, `1.5` → `1.50`, `0.001` → none.
fn as_money(number: &str) -> Option<String> {
    if !plain_decimal(number) {
        return None;
    }
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let decimals = decimals.trim_end_matches('0');
    let text = format!("{whole}.{decimals:0<2}");
    Fen::parse_signed(&text).ok().map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_stands_for_money_only_if_exactly() {
        let cases = [
            ("5", Some("5.00")),
            ("1.5", Some("1.50")),
            ("106.00", Some("106.00")),
            ("-0.05", Some("-0.05")),
            ("1.500", Some("1.50")),
            ("0.001", None),
            ("1e2", None),
            ("-0", None),
            ("99999999999999999999", None),
        ];
        for (number, money) in cases {
            assert_eq!(as_money(number).as_deref(), money, "{number}");
        }
    }

    #[test]
    fn every_wrong_member_is_reported_at_once() {
        let body = br#"{"a":1,"m":5,"f":"x","o":[],"t":[1,"ok"],"z":0,"l":[7,{"q":1}],"n":null}"#;
        let mut faults = Vec::new();
        let json = crate::strict_json::read(body).unwrap();
        let mut members = Members::open(json, &mut faults).unwrap();
        assert_eq!(members.text("a"), None);
        assert_eq!(members.money("m"), None);
        assert_eq!(members.flag("f"), None);
        assert_eq!(members.object("o", |_| ()), None);
        assert_eq!(members.texts("t"), ["ok"]);
        assert_eq!(members.objects("l", |_| ()).len(), 2);
        assert_eq!(members.text("n"), None);
        members.finish();
        let found: Vec<_> = faults
            .iter()
            .map(|fault| {
                (
                    fault.code.code(),
                    fault.pointer.as_deref().unwrap_or_default(),
                )
            })
            .collect();
        let expected = [
            ("E1111", "/a"),
            ("E1201", "/m"),
            ("E1111", "/f"),
            ("E1111", "/o"),
            ("E1111", "/t/0"),
            ("E1111", "/l/0"),
            ("E1104", "/l/1/q"),
            ("E1104", "/z"),
        ];
        assert_eq!(found, expected);
        assert_eq!(faults[0].suggested.as_deref(), Some("1"));
        assert_eq!(faults[1].suggested.as_deref(), Some("5.00"));
    }

    #[test]
    fn the_number_of_faults_is_bounded() {
        let members: Vec<_> = (0..1000).map(|i| format!("\"x{i}\":0")).collect();
        let body = format!("{{{}}}", members.join(","));
        let mut faults = Vec::new();
        let json = crate::strict_json::read(body.as_bytes()).unwrap();
        Members::open(json, &mut faults).unwrap().finish();
        assert_eq!(faults.len(), FAULTS_MAX);
    }
}
