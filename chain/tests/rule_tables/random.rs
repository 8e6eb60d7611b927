//! Seeded drafts: the same ones in every run.

use piao_chain::amount::Fen;
use piao_chain::invoice::{Desk, Draft, DraftBuyer, DraftLine, DraftTotals, sample};
use piao_chain::tax::Taxpayer;

/// splitmix64.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below a bound.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    /// An amount from `least` to `most`, in fen.
    pub(crate) fn fen(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least + 1).unwrap();
        least + i64::try_from(self.next() % span).unwrap()
    }

    /// True once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}

/// Something to sell at each rate: rate, classification code, name.
pub(crate) const GOODS: [(&str, &str, &str); 7] = [
    ("0.13", "1020101000000000000", "*原煤*块煤"),
    ("0.09", "1010101010000000000", "*谷物*稻谷"),
    ("0.06", "3070401000000000000", "*生产生活服务*餐费"),
    ("0.03", "3070401000000000000", "*生产生活服务*餐费"),
    ("0.01", "3070401000000000000", "*生产生活服务*餐费"),
    ("0.015", "3070401000000000000", "*生产生活服务*餐费"),
    ("0.05", "3070401000000000000", "*生产生活服务*餐费"),
];

/// The goods of a rate.
pub(crate) fn goods(rate: &str) -> (&'static str, &'static str) {
    let (_, code, name) = GOODS.iter().find(|(known, _, _)| *known == rate).unwrap();
    (code, name)
}

/// A short way to fill a member.
#[expect(
    clippy::needless_pass_by_value,
    reason = "reads shorter where it is called"
)]
pub(crate) fn some(text: impl ToString) -> Option<String> {
    Some(text.to_string())
}

/// A line of goods of a rate, without any figure.
pub(crate) fn goods_line(rate: &str) -> DraftLine {
    let (code, name) = goods(rate);
    DraftLine {
        name: some(name),
        class_code: some(code),
        rate: some(rate),
        ..DraftLine::default()
    }
}

/// The sample desk, of a kind of taxpayer.
pub(crate) fn desk(taxpayer: Taxpayer) -> Desk {
    let mut desk = sample::desk();
    desk.seller.taxpayer = taxpayer;
    desk
}

/// A draft that passes, of 1 to 100 lines: by amount, by quantity and price, by gross, exempt,
/// with discounts, with totals and without.
pub(crate) fn draft(random: &mut Random, taxpayer: Taxpayer) -> Draft {
    let count = match random.below(20) {
        0 => 21 + random.below(80),
        1..=5 => 5 + random.below(16),
        _ => 1 + random.below(4),
    };
    let mut draft = Draft {
        lines: Vec::new(),
        buyer: Some(some_buyer(random)),
        ..sample::draft()
    };
    while draft.lines.len() < count {
        let line = some_line(random, taxpayer);
        let off = discount_of(&line).filter(|_| random.once_in(8));
        draft.lines.push(line);
        draft.lines.extend(off);
    }
    if random.once_in(2) {
        let verdict = piao_chain::invoice::preflight(&draft, &desk(taxpayer));
        assert_eq!(verdict.faults, [], "the start has to be right");
        let totals = verdict.totals.unwrap();
        draft.totals = Some(DraftTotals {
            amount: some(totals.amount),
            tax: some(totals.tax),
            gross: some(totals.gross),
            gross_capital: random
                .once_in(2)
                .then(|| piao_chain::invoice::capital(totals.gross)),
        });
    }
    draft
}

fn some_buyer(random: &mut Random) -> DraftBuyer {
    let mut buyer = sample::draft().buyer.unwrap();
    match random.below(4) {
        0 => {
            buyer.buyer_type = some("individual");
            buyer.name = some("张三");
            buyer.tax_id = None;
        }
        1 => {
            buyer.id_scheme = some("legacy");
            buyer.tax_id = some("42010070000012X");
        }
        _ => {}
    }
    buyer
}

fn some_line(random: &mut Random, taxpayer: Taxpayer) -> DraftLine {
    let rate = match taxpayer {
        Taxpayer::General => random.pick(&["0.13", "0.09", "0.06", "0.03"]),
        Taxpayer::SmallScale => "0.01",
    };
    let mut line = goods_line(rate);
    let fen = random.fen(10, 9_999_999);
    match random.below(8) {
        0 | 1 => line.gross = some(Fen::new(fen)),
        2 | 3 => {
            let quantity = random.fen(1, 40);
            line.quantity = some(quantity);
            line.unit_price = some(Fen::new(fen));
            line.amount = some(Fen::new(fen * quantity));
        }
        4 => {
            line.amount = some(Fen::new(fen));
            line.rate = some("0");
            line.zero_rate_kind = some("exempt");
            line.preference = random.once_in(2).then(|| "03".to_owned());
        }
        _ => line.amount = some(Fen::new(fen)),
    }
    line
}

/// A tenth off, for a line that has an amount of at least a yuan.
fn discount_of(line: &DraftLine) -> Option<DraftLine> {
    let amount = Fen::parse_unsigned(line.amount.as_deref()?).unwrap();
    let off = Fen::new(-(amount.fen() / 10));
    (amount.fen() >= 100).then(|| DraftLine {
        amount: some(off),
        quantity: None,
        unit_price: None,
        discount: Some(true),
        ..line.clone()
    })
}
