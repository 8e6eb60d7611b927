//! The modules of `api/verifier` as one script.
//!
//! Every module becomes a function of its own, so no two names meet: its imports are taken from
//! the modules before it, its exports are what the function returns. The modules are written so
//! that lines tell the two: `import { … } from "./name.js";`, `export function|class|const name`.
//! Comments, indentation and needless blanks stay in the repository: the file has a bound. No
//! template literal of theirs spans lines, or its text would change.

use super::compact;

/// Name of the file and its text, each after those it imports.
const MODULES: &[(&str, &str)] = &[
    ("bytes", include_str!("../../../verifier/bytes.js")),
    ("blake3", include_str!("../../../verifier/blake3.js")),
    ("sha2", include_str!("../../../verifier/sha2.js")),
    ("digest", include_str!("../../../verifier/digest.js")),
    ("field", include_str!("../../../verifier/field.js")),
    ("ed25519", include_str!("../../../verifier/ed25519.js")),
    ("merkle", include_str!("../../../verifier/merkle.js")),
    ("slot", include_str!("../../../verifier/slot.js")),
    ("identity", include_str!("../../../verifier/identity.js")),
    ("block", include_str!("../../../verifier/block.js")),
    (
        "transaction",
        include_str!("../../../verifier/transaction.js"),
    ),
    ("links", include_str!("../../../verifier/links.js")),
    ("document", include_str!("../../../verifier/document.js")),
    (
        "proof_file",
        include_str!("../../../verifier/proof_file.js"),
    ),
    ("json", include_str!("../../../verifier/json.js")),
    (
        "trust_root",
        include_str!("../../../verifier/trust_root.js"),
    ),
    (
        "class_rows",
        include_str!("../../../verifier/tax/class_rows.js"),
    ),
    (
        "class_table",
        include_str!("../../../verifier/tax/class_table.js"),
    ),
    (
        "rule_sets",
        include_str!("../../../verifier/tax/rule_sets.js"),
    ),
    (
        "arithmetic",
        include_str!("../../../verifier/tax/arithmetic.js"),
    ),
    ("calendar", include_str!("../../../verifier/calendar.js")),
    ("decided", include_str!("../../../verifier/decided.js")),
    ("verdict", include_str!("../../../verifier/verdict.js")),
    ("statement", include_str!("../../../verifier/statement.js")),
    ("refusal", include_str!("../../../verifier/refusal.js")),
    ("twin", include_str!("../../../verifier/twin.js")),
    ("words", include_str!("../../../verifier/page/words.js")),
    (
        "language",
        include_str!("../../../verifier/page/language.js"),
    ),
    (
        "attached",
        include_str!("../../../verifier/page/attached.js"),
    ),
    (
        "elements",
        include_str!("../../../verifier/page/elements.js"),
    ),
    (
        "verdict_view",
        include_str!("../../../verifier/page/verdict_view.js"),
    ),
    (
        "refusal_view",
        include_str!("../../../verifier/page/refusal_view.js"),
    ),
    ("today", include_str!("../../../verifier/page/today.js")),
    ("main", include_str!("../../../verifier/page/main.js")),
];

/// Those of the page of an invoice, which opens its document.
const VIEW_MODULES: &[(&str, &str)] = &[
    ("bytes", include_str!("../../../verifier/bytes.js")),
    ("blake3", include_str!("../../../verifier/blake3.js")),
    ("digest", include_str!("../../../verifier/digest.js")),
    (
        "view_secret",
        include_str!("../../../verifier/view_secret.js"),
    ),
    (
        "elements",
        include_str!("../../../verifier/page/elements.js"),
    ),
    ("view", include_str!("../../../verifier/page/view.js")),
];

/// The whole script of the verifier.
pub(super) fn script() -> String {
    joined(MODULES)
}

/// The whole script of an invoice's page.
pub(super) fn view_script() -> String {
    joined(VIEW_MODULES)
}

fn joined(modules: &[(&str, &str)]) -> String {
    let mut lines = vec!["\"use strict\";".to_owned(), "(() => {".to_owned()];
    for (name, source) in modules {
        lines.extend(module(name, source));
    }
    lines.push("})();".to_owned());
    compact::joined(&lines) + "\n"
}

/// One module as the lines of `const $name=(()=>{ … return{exports};})();`.
fn module(name: &str, source: &str) -> Vec<String> {
    let mut body = vec![format!("const ${name}=(()=>{{")];
    let mut exports: Vec<&str> = Vec::new();
    let mut import = String::new();
    for line in source.lines().map(str::trim_start) {
        if line.starts_with("//") || line.is_empty() {
            continue;
        }
        if !import.is_empty() || line.starts_with("import ") {
            import.push_str(line);
            if line.ends_with(';') {
                body.push(import_statement(&import));
                import.clear();
            }
            continue;
        }
        let plain = line.strip_prefix("export ").unwrap_or(line);
        if plain.len() != line.len() {
            exports.extend(declared(plain));
        }
        body.push(compact::line(plain));
    }
    body.push(format!("return{{{}}};", exports.join(",")));
    body.push("})();".to_owned());
    body
}

/// `import { a, b } from "./tax/c.js";` as `const{a,b}=$c;`.
fn import_statement(import: &str) -> String {
    let names = import.trim_start_matches("import ").split(" from ").next();
    let file = import
        .rsplit('/')
        .next()
        .and_then(|rest| rest.split('.').next());
    let (names, file) = (names.unwrap_or_default(), file.unwrap_or_default());
    compact::line(&format!("const {names} = ${file};"))
}

/// The name that a line declares.
fn declared(line: &str) -> Option<&str> {
    let after = ["async function ", "function ", "class ", "const "]
        .iter()
        .find_map(|word| line.strip_prefix(word))?;
    after
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_and_exports_become_names_of_functions() {
        let source = "// Why.\nimport {\n  a,\n} from \"../x/y.js\";\n\nexport const b = a;\n\
                      export async function c() {}\n";
        let expected =
            "const $z=(()=>{const{a,}=$y;const b=a;async function c(){}\nreturn{b,c};})();";
        assert_eq!(compact::joined(&module("z", source)), expected);
    }

    #[test]
    fn no_template_literal_spans_lines() {
        for (name, source) in MODULES.iter().chain(VIEW_MODULES) {
            let code = source
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for line in code {
                // Outside of texts in quotes, which the table of codes is.
                let outside: String = line.split('"').step_by(2).collect();
                assert!(
                    outside.matches('`').count().is_multiple_of(2),
                    "{name}: {line}"
                );
            }
        }
    }

    #[test]
    fn every_module_stands_once_and_after_what_it_imports() {
        whole(&script(), MODULES);
        whole(&view_script(), VIEW_MODULES);
    }

    fn whole(script: &str, modules: &[(&str, &str)]) {
        for (at, (name, _)) in modules.iter().enumerate() {
            assert!(
                modules[..at].iter().all(|(before, _)| before != name),
                "{name}"
            );
            let made = script.find(&format!("const ${name}=(()=>")).unwrap();
            let used = script.find(&format!("=${name};"));
            assert!(used.is_none_or(|used| made < used), "{name}");
        }
        let left = |word: &str| {
            script
                .lines()
                .any(|line| line.trim_start().starts_with(word))
        };
        assert!(!left("import ") && !left("export "));
        assert!(!script.contains("</"), "ends the element that it stands in");
        assert!(
            !script.contains("<!--") && !script.contains("-->"),
            "a comment of old"
        );
    }
}
