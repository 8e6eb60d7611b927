//! What the closed lists of the catalogue are called on pages.

use piao_chain::failure::{Cause, Door, Retry, Support};

use crate::web::view::View;

/// What the retry class means for the person who reads the page.
pub(super) fn what_next(view: View, retry: Retry) -> &'static str {
    let (zh, en) = match retry {
        Retry::Fix => (
            "按回复中的 pointer、expected、suggested 更正字段，然后重新提交。未扣费。",
            "Correct the field that pointer, expected and suggested name, and send it again. \
             Nothing was charged.",
        ),
        Retry::Now => (
            "立即用同一幂等键重试，不会重复开票。",
            "Try again at once with the same idempotency key; nothing is issued twice.",
        ),
        Retry::Backoff => (
            "稍候再用同一幂等键重试，每次间隔加倍；若有 Retry-After 则按其等待。",
            "Wait and try again with the same idempotency key, doubling the pause; obey \
             Retry-After if it is given.",
        ),
        Retry::Event => (
            "等待他人完成一步（登记、确认、解除限制），之后再试。",
            "Somebody else must act first (register, confirm, lift a limit); try again after that.",
        ),
        Retry::Topup => (
            "先充值手续费（piao top-up），再提交；等待中的请求会自动继续。",
            "Top up the fee balance first (piao top-up); requests that wait go on by themselves.",
        ),
        Retry::Window => (
            "额度在下一个时间窗口恢复，见 not_before。",
            "The limit starts anew with its next window; see not_before.",
        ),
        Retry::Maint => (
            "维护结束后再试，见 Retry-After 与公告；已受理的请求会自动发出。",
            "Try again after the maintenance; see Retry-After and the announcement. Accepted \
             requests go out by themselves.",
        ),
        Retry::Upgrade => (
            "请先升级软件或接口版本。",
            "Upgrade the program or the version it speaks first.",
        ),
        Retry::Never => (
            "重试不会改变结果；请核对业务数据。",
            "A retry will get the same answer; look at the data instead.",
        ),
    };
    view.say(zh, en)
}

pub(super) fn cause(view: View, cause: Cause) -> &'static str {
    match cause {
        Cause::WrongData => view.say("填写的数据有误", "something in the request is wrong"),
        Cause::Network => view.say("网络或磁盘", "a connection, a peer or a disk"),
        Cause::Balance => view.say("余额", "money that is not there"),
        Cause::Limit => view.say("限制、权限或状态", "a limit, a right or a state"),
        Cause::Maintenance => view.say("维护", "maintenance"),
        Cause::Version => view.say("版本不一致", "different versions"),
        Cause::Other => view.say("其他", "something else"),
    }
}

pub(super) fn door(view: View, door: Door) -> &'static str {
    match door {
        Door::Desk => view.say("商户自己的节点", "the merchant's own node"),
        Door::Consensus => view.say("所有验证者", "every validator"),
        Door::Both => view.say(
            "商户节点与所有验证者",
            "the merchant's node and every validator",
        ),
        Door::Admission => view.say("交易入口", "the door for transactions"),
    }
}

pub(super) fn support(view: View, support: Support) -> &'static str {
    match support {
        Support::Implemented => view.say("已实现", "implemented"),
        Support::Planned => view.say("计划中", "planned"),
        Support::Reserved => view.say("保留", "reserved"),
    }
}
