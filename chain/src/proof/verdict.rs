//! The verdict on a proof (SPEC 7.8): graded and dated, never a bare tick.
//!
//! Steps run in a fixed order and the first failure names itself. What was not checked is said.
//! Genuine and in force as of a time; genuine but not in force; false; or undecided.

use serde::Serialize;

use super::cache::VerifierCache;
use super::file::Proof;
use super::steps;
use super::trust_root::TrustRoot;
use crate::time::BlockTime;

/// What the verdict comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Finding {
    /// Genuine, and in force as of the stated height.
    InForce,
    /// Genuine, but reversed, reissued, or its key disputed.
    NotInForce,
    /// Not what it claims to be; malformed included.
    False,
    /// This program, with this trust root, cannot say.
    Undecided,
}

impl Finding {
    /// The exit code of `piao verify`.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::InForce => 0,
            Self::False => 5,
            Self::Undecided => 6,
            Self::NotInForce => 9,
        }
    }
}

/// Why a verdict is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "SPEC 7.8 lists them, and `text` says each in two languages"
)]
pub enum Reason {
    Genuine,
    MalformedProof,
    UnknownVersion,
    UnknownSuite,
    UnknownRecord,
    OtherChain,
    NoTrustRoot,
    TrustRootStale,
    ClockBehind,
    UnknownValidatorSet,
    LinksInvalid,
    CertificateInvalid,
    HistoryInvalid,
    NotAnInvoice,
    SignatureInvalid,
    InclusionInvalid,
    KeyInvalid,
    KeyDisputed,
    UnknownRuleSet,
    ArithmeticInvalid,
    StatusInvalid,
    Reversed,
    PartlyReversed,
    Reissued,
    Stale,
    DisclosureInvalid,
    CardInvalid,
    NotIssued,
    NumberIssued,
    AbsenceInvalid,
    Complete,
    AccountInvalid,
    ListInvalid,
    Refused,
    NotRefused,
}

impl Reason {
    /// The sentence for people: English, Chinese.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "a table of sentences, one a line")]
    #[rustfmt::skip]
    pub fn text(self) -> (&'static str, &'static str) {
        match self {
            Self::Genuine => ("genuine", "真实有效"),
            Self::MalformedProof => ("the file is not a whole proof", "文件不是完整的证明"),
            Self::UnknownVersion => (
                "the proof is of a newer version",
                "证明版本未知，请升级程序",
            ),
            Self::UnknownSuite => ("the proof uses an unknown suite", "证明使用未知的密码套件"),
            Self::UnknownRecord => (
                "the proof holds a record this program does not know",
                "证明含有本程序不认识的内容",
            ),
            Self::OtherChain => (
                "the proof is of another network than the trust root",
                "证明属于另一个网络",
            ),
            Self::NoTrustRoot => (
                "no trust root was given; add --trust FILE",
                "未提供信任根，请加 --trust 文件",
            ),
            Self::TrustRootStale => (
                "the trust root is too old; get a new one",
                "信任根已过期，请取新的",
            ),
            Self::ClockBehind => (
                "this machine's clock is behind the proof's time",
                "本机时钟早于证明时间",
            ),
            Self::UnknownValidatorSet => (
                "the validators are not those of the trust root",
                "验证者集合与信任根不符",
            ),
            Self::LinksInvalid => (
                "the changes of validators do not lead to those who signed",
                "验证者的历次变更不能通向签名的验证者集合",
            ),
            Self::CertificateInvalid => (
                "the block was not signed by more than two thirds of the validators",
                "区块没有三分之二以上验证者的有效签名",
            ),
            Self::HistoryInvalid => (
                "the invoice's block is not in the history of the signed block",
                "发票所在区块不在已签名的历史中",
            ),
            Self::NotAnInvoice => (
                "the transaction did not issue an invoice",
                "该交易没有开出发票",
            ),
            Self::SignatureInvalid => ("the seller's signature does not verify", "销售方签名无效"),
            Self::InclusionInvalid => ("the invoice is not in the block", "发票不在区块中"),
            Self::KeyInvalid => (
                "the signing key was not the seller's",
                "签名密钥不属于销售方",
            ),
            Self::KeyDisputed => (
                "genuine, but the signing key is disputed",
                "真实，但签名密钥有争议",
            ),
            Self::UnknownRuleSet => ("the invoice names a rule set this program does not know", "发票使用本程序未知的规则版本，请升级程序"),
            Self::ArithmeticInvalid => ("the tax figures do not add up", "税额计算不成立"),
            Self::StatusInvalid => ("the invoice's status is not proven", "发票状态未被证明"),
            Self::Reversed => ("genuine, but reversed by red letters", "真实，但已被红冲"),
            Self::PartlyReversed => ("genuine; reversed in part", "真实，已部分红冲"),
            Self::Reissued => (
                "genuine, but replaced by another invoice",
                "真实，但已被重开",
            ),
            Self::Stale => (
                "the proof is too old to say what holds today; get a new one or give --max-age",
                "证明过旧，请取新证明或指定 --max-age",
            ),
            Self::DisclosureInvalid => (
                "a shown field is not of this invoice",
                "所示字段不属于该发票",
            ),
            Self::CardInvalid => (
                "the seller's name is not vouched for by the authority",
                "销售方名称没有主管方签名",
            ),
            Self::NotIssued => ("no invoice of this number is issued", "没有开具过该号码的发票"),
            Self::NumberIssued => ("the number is issued", "该号码已开具"),
            Self::AbsenceInvalid => ("it is not shown that the number is not issued", "未能证明该号码没有开具"),
            Self::Complete => ("these are all invoices of the range", "该范围内的发票全部列出"),
            Self::AccountInvalid => ("the list does not end with an invoice of the account", "清单末张不属于该账户"),
            Self::ListInvalid => ("the list is not complete, or not the account's", "清单不完整，或不属于该账户"),
            Self::Refused => ("genuine: the network refused this request, and nothing was issued for it", "真实：网络拒绝了该请求，没有据此开出发票"),
            Self::NotRefused => ("the request was not refused", "该请求没有被拒绝"),
        }
    }
}

/// How old a proof is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Freshness {
    /// At most 10 minutes.
    Fresh,
    /// At most 24 hours.
    Recent,
    /// At most 7 days.
    Aged,
    /// Older.
    Stale,
}

impl Freshness {
    /// The grade of an age in ms.
    #[must_use]
    pub fn of_age_ms(age_ms: u64) -> Self {
        const MINUTE_MS: u64 = 60_000;
        const DAY_MS: u64 = 24 * 60 * MINUTE_MS;
        match age_ms {
            ..=600_000 => Self::Fresh,
            age if age <= DAY_MS => Self::Recent,
            age if age <= DAY_MS.saturating_mul(7) => Self::Aged,
            _ => Self::Stale,
        }
    }
}

/// The block a verdict speaks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AsOf {
    /// Height M.
    pub height: u64,
    /// Its time, RFC 3339.
    pub time: String,
    /// How old that is.
    pub freshness: Freshness,
}

/// What came of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckResult {
    /// It holds.
    Passed,
    /// It does not.
    Failed,
    /// It was not asked; the detail says why.
    NotChecked,
}

/// One step of the verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The step's name.
    pub name: &'static str,
    /// What came of it.
    pub result: CheckResult,
    /// What was found, in English.
    pub detail: String,
}

/// Totals of a verified invoice, as decimal strings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictTotals {
    /// Net of tax.
    pub amount: String,
    /// Tax.
    pub tax: String,
    /// Both together.
    pub gross: String,
}

/// The seller, as far as vouched for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictSeller {
    /// Unified social credit code, when it stands in the clear.
    pub tax_id: Option<String>,
    /// Registered name.
    pub name: String,
}

/// A red letter against a verified invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct VerdictRedLetter {
    /// Its number.
    pub number: String,
    /// Time of its block, RFC 3339.
    pub time: String,
}

/// A field shown by the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownField {
    /// Field id of SPEC 8.2.
    pub id: u16,
    /// Line, 0 for the head.
    pub line: u16,
    /// Its text.
    pub value: String,
}

/// What can be said of a proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The outcome.
    pub verdict: Finding,
    /// Why.
    pub reason: Reason,
    /// `test` or `production`.
    pub network: Option<String>,
    /// Fingerprint of the trust root used.
    pub trust_root: Option<String>,
    /// Number of the invoice.
    pub number: Option<String>,
    /// Account that issued it.
    pub account: Option<u32>,
    /// The seller, when a card vouches for the name.
    pub seller: Option<VerdictSeller>,
    /// Totals in the clear.
    pub totals: Option<VerdictTotals>,
    /// Day of issue, `YYYY-MM-DD`.
    pub issued_at: Option<String>,
    /// `issued`, `partly_reversed`, `reversed`, `reissued`.
    pub status: Option<&'static str>,
    /// Of a red letter, the number of the invoice it corrects.
    pub original: Option<String>,
    /// The last red letter against it, as of that status.
    pub red_letter: Option<VerdictRedLetter>,
    /// What the status speaks for.
    pub as_of: Option<AsOf>,
    /// The steps, in order.
    pub checks: Vec<Check>,
    /// Fields shown.
    pub shown: Vec<ShownField>,
    /// Fields withheld.
    pub withheld: u32,
}

/// How a verifier wants to judge.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions {
    /// The verifier's clock.
    pub now: BlockTime,
    /// A stale proof is accepted up to this age; `None`: stale is undecided.
    pub max_age_ms: Option<u64>,
}

/// Judges the bytes of a proof file. Reads nothing else: no network, no clock, no disk.
#[must_use]
pub fn verify(bytes: &[u8], root: Option<&TrustRoot>, options: &VerifyOptions) -> Verdict {
    verify_with(bytes, root, options, &mut VerifierCache::default()).0
}

/// As [`verify`], for one of many proofs: what held of an earlier one is not checked again. Returns
/// what the bytes decode to as well, of which nothing is believed beyond the verdict.
#[must_use]
pub fn verify_with(
    bytes: &[u8],
    root: Option<&TrustRoot>,
    options: &VerifyOptions,
    cache: &mut VerifierCache,
) -> (Verdict, Option<Proof>) {
    let mut report = Verdict {
        verdict: Finding::Undecided,
        reason: Reason::MalformedProof,
        network: root.map(|root| root.body().genesis.network.as_str().to_owned()),
        trust_root: root.map(TrustRoot::fingerprint),
        number: None,
        account: None,
        seller: None,
        totals: None,
        issued_at: None,
        status: None,
        original: None,
        red_letter: None,
        as_of: None,
        checks: Vec::new(),
        shown: Vec::new(),
        withheld: 0,
    };
    let (proof, outcome) = match steps::parse(bytes, cache) {
        Err(stop) => (None, Err(stop)),
        Ok(proof) => {
            let whole = (&proof, bytes.len());
            let outcome = steps::run(whole, root, options, cache, &mut report);
            (Some(proof), outcome)
        }
    };
    let (verdict, reason) = match outcome {
        Ok(conclusion) => conclusion,
        Err(steps::Stop {
            finding,
            reason,
            step,
            detail,
        }) => {
            report.checks.push(Check {
                name: step,
                result: CheckResult::Failed,
                detail,
            });
            (finding, reason)
        }
    };
    report.verdict = verdict;
    report.reason = reason;
    (report, proof)
}
