//! What to do next, said for each word of the catalogue.

use piao_chain::failure::Retry;

use crate::journal::Call;
use crate::language::Text;

/// What a failure of this retry class asks people to do.
#[must_use]
pub(crate) fn of_retry(retry: Retry) -> Text {
    match retry {
        Retry::Fix => Text::new(
            "correct the field and send it again",
            "更正该字段后重新提交",
        ),
        Retry::Now => Text::new(
            "send the same again with the same idempotency key",
            "用同一个幂等键原样重发",
        ),
        Retry::Backoff => Text::new(
            "wait a little, then send the same again with the same idempotency key",
            "稍等片刻，用同一个幂等键原样重发",
        ),
        Retry::Event => Text::new(
            "somebody else must act first (registration, confirmation, approval)",
            "须先由他人处理（登记、确认或批准）",
        ),
        Retry::Topup => Text::new(
            "top up the fee balance: piao top-up AMOUNT --ref R",
            "请充值手续费：piao top-up 金额 --ref 凭据号",
        ),
        Retry::Window => Text::new("wait until the limit starts anew", "等待限额重新计算后再试"),
        Retry::Maint => Text::new("wait until the maintenance is over", "等待维护结束后再试"),
        Retry::Upgrade => Text::new("upgrade this program", "请升级本程序"),
        Retry::Never => Text::new(
            "do not send it again: the answer stays the same",
            "不必再试，结果不会改变",
        ),
    }
}

/// The class a reply names with a word, if this program knows the word.
#[must_use]
pub(crate) fn of_word(word: &str) -> Option<Text> {
    const ALL: [Retry; 9] = [
        Retry::Fix,
        Retry::Now,
        Retry::Backoff,
        Retry::Event,
        Retry::Topup,
        Retry::Window,
        Retry::Maint,
        Retry::Upgrade,
        Retry::Never,
    ];
    ALL.into_iter()
        .find(|retry| retry.as_str() == word)
        .map(of_retry)
}

/// How to ask again about a request whose outcome is not known. A top-up's key follows from what
/// it says, so the same command is the same request.
#[must_use]
pub(crate) fn resume(call: Call, key: &str) -> Text {
    match call {
        Call::Issue | Call::RedLetter | Call::Reissue => Text::new(
            format!(
                "the outcome is not known; run the same command with --idempotency-key {key} to \
                 get it: nothing happens twice"
            ),
            format!("结果未知；请用 --idempotency-key {key} 再运行同一命令取得结果，不会重复"),
        ),
        Call::TopUp => Text::new(
            "the outcome is not known; run the same command again to get it: nothing is credited \
             twice",
            "结果未知；请再运行同一命令取得结果，不会重复入账",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use piao_chain::failure::FailureCode;

    #[test]
    fn every_code_of_the_catalogue_comes_with_a_next_step() {
        for code in FailureCode::ALL {
            assert!(of_word(code.retry().as_str()).is_some(), "{code}");
        }
        assert_eq!(of_word("LATER"), None);
    }
}
