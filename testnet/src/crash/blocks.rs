//! The blocks themselves: what they issued must be what was promised, no more and no less.

use std::collections::BTreeMap;

use piao_api::client::{Client, ClientError};

/// What the blocks up to a height say; grows as the chain does.
#[derive(Debug, Default)]
pub(crate) struct Walked {
    height: u64,
    last_id: Option<String>,
    /// Number and the height that issued it.
    numbers: BTreeMap<String, u64>,
}

impl Walked {
    /// Reads on to the tip. Each line is what must not be.
    pub(crate) async fn walk(&mut self, client: &Client) -> Result<Vec<String>, ClientError> {
        let mut broken = Vec::new();
        let tip = client.chain().await?.height;
        if tip < self.height {
            broken.push(format!("the chain is at {tip} and was at {}", self.height));
            return Ok(broken);
        }
        if let Some(last_id) = &self.last_id {
            let again = client.block(self.height).await?.block_id;
            if again != *last_id {
                broken.push(format!("block {} was {last_id}, now {again}", self.height));
            }
        }
        for height in self.height.saturating_add(1)..=tip {
            let block = client.block(height).await?;
            if self
                .last_id
                .as_ref()
                .is_some_and(|id| *id != block.parent_id)
            {
                broken.push(format!(
                    "block {height} does not follow from the one before"
                ));
            }
            let issued = block.transactions.iter();
            for number in issued.filter_map(|transaction| transaction.number.as_ref()) {
                if let Some(before) = self.numbers.insert(number.clone(), height) {
                    broken.push(format!("number {number} in blocks {before} and {height}"));
                }
            }
            self.last_id = Some(block.block_id);
            self.height = height;
        }
        Ok(broken)
    }

    /// Every number that a block issued.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = &String> {
        self.numbers.keys()
    }

    /// How many invoices the blocks issued.
    pub(crate) fn count(&self) -> usize {
        self.numbers.len()
    }
}
