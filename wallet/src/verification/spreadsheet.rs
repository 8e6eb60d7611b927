//! Rows for spreadsheet programs: CSV (RFC 4180) and XLSX.
//!
//! Guards: no cell is run as a formula (CWE-1236), Chinese is read as such (a byte order mark before
//! the CSV), and in XLSX an invoice number stays the twenty digits it is.

use std::io::{self, Write};

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::report::{COLUMNS, Row};
use crate::language::Language;

/// Columns whose cells are amounts of money.
const MONEY: [&str; 3] = ["amount", "tax", "gross"];
/// Width of a column, in characters.
const WIDTH: u16 = 22;

/// Writes byte order mark and heading.
pub(super) fn write_csv_head(file: &mut impl Write) -> io::Result<()> {
    file.write_all("\u{feff}".as_bytes())?;
    let names = COLUMNS.map(|(name, _zh)| name);
    write!(file, "{}\r\n", names.join(","))
}

/// Writes one row.
pub(super) fn write_csv_row(file: &mut impl Write, row: &Row) -> io::Result<()> {
    let cells: Vec<String> = row.iter().map(|cell| csv_cell(cell)).collect();
    write!(file, "{}\r\n", cells.join(","))
}

/// A cell in quotes where it needs them; what a program would run begins with an apostrophe instead.
fn csv_cell(text: &str) -> String {
    let active = text.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let guard = if active && !is_decimal(text) { "'" } else { "" };
    if text.contains([',', '"', '\n', '\r', ';']) || !guard.is_empty() {
        format!("\"{guard}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Whether a text is a decimal number, perhaps below zero, and so no formula.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all(whole) && all(part)
}

/// A workbook of one sheet, whose rows lie in a temporary file until it is written.
pub(super) struct Sheet {
    book: Workbook,
    next: u32,
    money: Format,
}

impl Sheet {
    /// One with its heading.
    pub(super) fn new(language: Language) -> io::Result<Self> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet_with_constant_memory().map_err(failed)?;
        head(sheet, language).map_err(failed)?;
        Ok(Self {
            book,
            next: 1,
            money: Format::new().set_num_format("0.00"),
        })
    }

    /// Adds a row: amounts as numbers, all else as text.
    pub(super) fn add(&mut self, row: &Row) -> io::Result<()> {
        let at = self.next;
        self.next = at.saturating_add(1);
        let sheet = self.book.worksheet_from_index(0).map_err(failed)?;
        for ((column, cell), (name, _zh)) in (0..).zip(row).zip(COLUMNS) {
            let amount = MONEY.contains(&name) && is_decimal(cell);
            let amount = if amount {
                cell.parse::<f64>().ok()
            } else {
                None
            };
            let written = match amount {
                Some(amount) => sheet.write_number_with_format(at, column, amount, &self.money),
                None if cell.is_empty() => continue,
                None => sheet.write_string(at, column, cell),
            };
            written.map_err(failed)?;
        }
        Ok(())
    }

    /// Writes the whole workbook.
    pub(super) fn write_to(mut self, file: &mut (impl Write + Send)) -> io::Result<()> {
        self.book.save_to_writer(file).map_err(failed)
    }
}

fn head(sheet: &mut Worksheet, language: Language) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    sheet.set_freeze_panes(1, 1)?;
    for (column, (name, zh)) in (0..).zip(COLUMNS) {
        sheet.set_column_width(column, WIDTH)?;
        sheet.write_string_with_format(0, column, language.pick(name, zh), &bold)?;
    }
    Ok(())
}

fn failed(error: XlsxError) -> io::Error {
    io::Error::other(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_run_as_a_formula() {
        let cases = [
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1+1", "\"'+1+1\""),
            ("-2+3", "\"'-2+3\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("＝1", "\"'＝1\""),
            ("-70.67", "-70.67"),
            ("106.00", "106.00"),
            ("-", "\"'-\""),
            ("-1.", "\"'-1.\""),
            ("-.5", "\"'-.5\""),
            ("武汉市示例餐饮店", "武汉市示例餐饮店"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("", ""),
        ];
        for (given, cell) in cases {
            assert_eq!(csv_cell(given), cell, "{given}");
        }
    }

    #[test]
    fn a_workbook_is_a_zip_with_its_rows_in_it() {
        for language in [Language::En, Language::Zh] {
            let mut sheet = Sheet::new(language).unwrap();
            let mut row = Row::default();
            row[0] = "=1+1".to_owned();
            row[9] = "-70.67".to_owned();
            for _ in 0..3 {
                sheet.add(&row).unwrap();
            }
            let mut bytes = Vec::new();
            sheet.write_to(&mut bytes).unwrap();
            assert!(bytes.starts_with(b"PK\x03\x04"));
        }
    }
}
