//! Compiles the tables of `data/` into the library.
//!
//! Guards: a malformed row stops the build, so nothing is parsed, and nothing can be refused as
//! unreadable, at run time.

#![expect(
    clippy::disallowed_methods,
    reason = "a build script reads and writes files; the library it builds does not"
)]

#[path = "build/class_table.rs"]
mod class_table;

use std::error::Error;
use std::path::Path;

const LISTED: &str = "data/tax-classification.csv";
const RETIRED: &str = "data/tax-classification-retired.csv";

fn main() -> Result<(), Box<dyn Error>> {
    for input in [LISTED, RETIRED, "build.rs", "build/class_table.rs"] {
        println!("cargo::rerun-if-changed={input}");
    }
    let listed = std::fs::read_to_string(LISTED)?;
    let retired = std::fs::read_to_string(RETIRED)?;
    let table = class_table::compile(&listed, &retired)?;
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?;
    std::fs::write(
        Path::new(&folder).join("class_table.rs"),
        class_table::render(&table),
    )?;
    Ok(())
}
