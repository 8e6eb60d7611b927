//! The private half of a red letter: what its original says, of the lines that are taken back.
//!
//! Guards: every text is the original's, so a red letter names nobody and nothing else.

use std::collections::BTreeMap;

use piao_chain::amount::Fen;
use piao_chain::document::{Document, DocumentError, Field};
use piao_chain::invoice::{InvoiceContent, LineContent, TotalsContent, capital, fields};
use piao_chain::tax::{RED_ALLOWANCE, TaxFacts, TaxLine};

use super::compose::PrivateDocument;

/// What a red letter is made of beside its original.
pub(super) struct RedTexts<'a> {
    /// Its own facts.
    pub(super) facts: &'a TaxFacts,
    /// For each of its lines the number of the original's.
    pub(super) lines: &'a [u16],
    /// Quantities taken back, by number of the original's line.
    pub(super) quantities: &'a BTreeMap<u16, String>,
    /// Number of the original.
    pub(super) original: &'a str,
    /// Name of the confirmation it rests on.
    pub(super) confirmation: Option<String>,
    /// Issue time, RFC 3339 in UTC+8.
    pub(super) issued_at: &'a str,
    /// Randomness of the document.
    pub(super) seed: [u8; 32],
}

impl RedTexts<'_> {
    /// The document, from the original's where this node holds it.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub(super) fn document(
        &self,
        original: Option<&PrivateDocument>,
    ) -> Result<PrivateDocument, DocumentError> {
        let own = |id, text: &str| ((id, 0), text.as_bytes().to_vec());
        let mut all: BTreeMap<(u16, u16), Vec<u8>> = BTreeMap::new();
        for field in original.iter().flat_map(|one| one.document.fields()) {
            if let Some(line) = self.line_of(field) {
                all.insert((field.id, line), field.value.clone());
            }
        }
        for (red, quantity) in self.taken() {
            let text = format!("-{quantity}");
            all.insert((fields::LINE_QUANTITY, red), text.into_bytes());
        }
        let remark = self.remark();
        all.extend([
            own(fields::ISSUED_AT, self.issued_at),
            own(fields::REMARK, &remark),
        ]);
        let fields = all
            .into_iter()
            .map(|((id, line), value)| Field { id, line, value });
        Ok(PrivateDocument {
            document: Document::new(self.seed, fields.collect())?,
            content: self.content(original.map(|one| &one.content), remark),
        })
    }

    /// Where a field of the original stands in the red letter, if it does.
    fn line_of(&self, field: &Field) -> Option<u16> {
        match field.id {
            fields::LINE_NAME | fields::LINE_SPEC | fields::LINE_UNIT => self.place(field.line),
            fields::LINE_UNIT_PRICE if self.reason() != RED_ALLOWANCE => self.place(field.line),
            fields::LINE_QUANTITY | fields::LINE_UNIT_PRICE => None,
            _ => Some(field.line),
        }
    }

    /// Number in the red letter of a line of the original.
    fn place(&self, line: u16) -> Option<u16> {
        let at = self.lines.iter().position(|known| *known == line)?;
        u16::try_from(at).ok()?.checked_add(1)
    }

    fn reason(&self) -> u8 {
        self.facts.red.map_or(0, |red| red.reason)
    }

    /// Quantities by number in the red letter.
    fn taken(&self) -> impl Iterator<Item = (u16, &String)> {
        let quantities = self.quantities.iter();
        quantities.filter_map(|(line, quantity)| Some((self.place(*line)?, quantity)))
    }

    /// What the national invoice says on a red letter.
    fn remark(&self) -> String {
        let number = self.original;
        match &self.confirmation {
            None => format!("被红冲蓝字数电发票号码：{number}"),
            Some(name) => {
                format!("被红冲蓝字数电发票号码：{number}  红字发票信息确认单编号：{name}")
            }
        }
    }

    fn content(&self, original: Option<&InvoiceContent>, remark: String) -> InvoiceContent {
        let totals = &self.facts.totals;
        let lines = self.lines.iter().zip(&self.facts.lines);
        let lines = lines.map(|(number, line)| {
            let at = usize::from(*number).checked_sub(1);
            let texts = original.zip(at).and_then(|(one, at)| one.lines.get(at));
            self.line(texts.cloned().unwrap_or_default(), line, *number)
        });
        InvoiceContent {
            issued_at: self.issued_at.to_owned(),
            lines: lines.collect(),
            totals: TotalsContent {
                amount: totals.amount.to_string(),
                tax: totals.tax.to_string(),
                gross: totals.gross.to_string(),
                gross_capital: capital(totals.gross),
            },
            remark: Some(remark),
            ..original.cloned().unwrap_or_default()
        }
    }

    fn line(&self, texts: LineContent, line: &TaxLine, number: u16) -> LineContent {
        let gross = line.amount.fen().saturating_add(line.tax.fen());
        let deduction = (line.deduction != Fen::ZERO).then(|| line.deduction.to_string());
        let quantity = self.quantities.get(&number);
        LineContent {
            class_code: line.class_code.to_string(),
            quantity: quantity.map(|quantity| format!("-{quantity}")),
            unit_price: texts
                .unit_price
                .clone()
                .filter(|_price| self.reason() != RED_ALLOWANCE),
            amount: line.amount.to_string(),
            rate: line.rate.to_string(),
            tax: line.tax.to_string(),
            gross: Fen::new(gross).to_string(),
            deduction,
            discount: false,
            ..texts
        }
    }
}
