//! A proposed red letter for people.

use piao_api::wire::{Confirmation, ConfirmationState};

use crate::error::CommandError;
use crate::invoice_view::row_of;
use crate::output::Output;

/// Shows one, as JSON where that is asked for.
pub(crate) fn show(output: &Output, confirmation: &Confirmation) -> Result<(), CommandError> {
    if output.json {
        output.json(confirmation)?;
        return Ok(());
    }
    let state = words(output, confirmation);
    let rows = [
        (("invoice", "发票"), &confirmation.number),
        (("red letter", "红字确认单"), &confirmation.id),
        (("state", "状态"), &state),
        (("reason", "原因"), &confirmation.reason),
        (("amount", "金额"), &confirmation.amount),
    ];
    for ((en, zh), value) in rows {
        row_of(output, output.pick(en, zh), value)?;
    }
    Ok(())
}

/// How far it is; while it is open, who is to answer and until when.
pub(crate) fn words(output: &Output, confirmation: &Confirmation) -> String {
    let (en, zh) = match confirmation.state {
        ConfirmationState::Open => ("open", "待答复"),
        ConfirmationState::Accepted => ("accepted", "已同意"),
        ConfirmationState::Refused => ("refused", "已否认"),
        ConfirmationState::Withdrawn => ("withdrawn", "已撤销"),
        ConfirmationState::Used => ("used", "已开具红票"),
        ConfirmationState::Lapsed => ("lapsed", "已过期"),
    };
    let state = output.pick(en, zh);
    if confirmation.state != ConfirmationState::Open {
        return state.to_owned();
    }
    let (who, until) = (
        output.pick("account", "账户"),
        output.pick("answers until", "答复截止"),
    );
    let (account, lapses) = (confirmation.answered_by, &confirmation.lapses_at);
    format!("{state}: {who} {account} {until} {lapses}")
}
