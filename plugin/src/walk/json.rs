//! A walk as it stands in a state.

use super::{Tail, Walk};
use crate::codec::{self, Object};
use crate::row::Row;
use crate::tie::Tie;
use crate::time::in_range;

impl Walk {
    /// Reads what `write` wrote.
    ///
    /// # Errors
    /// It is something else.
    pub fn read(row: &Row) -> Result<Self, String> {
        let tie = codec::object(row, "tie")?.map(|tie| Tie::read(&tie)).transpose()?;
        let refused = codec::object(row, "refused")?
            .map(|refused| Ok::<_, String>((codec::required(&refused, "page")?, codec::number(&refused, "total")?)))
            .transpose()?;
        let instant = |key: &str| match codec::number(row, key)? {
            Some(at) if !in_range(at) => Err(row.wrong(key, "expected a year from 0000 to 9999")),
            at => Ok(at),
        };
        Ok(Self {
            from: instant("from")?,
            to: instant("to")?,
            end: instant("end")?,
            page: codec::required(row, "page")?,
            tie,
            budget: codec::number(row, "budget")?,
            refused,
            size: codec::required(row, "size")?,
            width: codec::number(row, "width")?,
            probing: row.json("probing") == Some("true"),
            again: row.json("again") == Some("true"),
            failed: row.json("failed") == Some("true"),
            tail: match (row.json("last"), row.json("rests")) {
                (_, Some("true")) => Tail::Resting,
                (Some("true"), _) => Tail::Last,
                _ => Tail::No,
            },
        })
    }

    /// The walk as JSON.
    #[must_use]
    pub fn write(&self) -> String {
        let mut object = Object::new()
            .number("from", self.from)
            .number("to", self.to)
            .number("end", self.end)
            .number("page", Some(self.page.into()))
            .count("budget", self.budget)
            .number("size", Some(self.size.into()))
            .number("width", self.width)
            .flag("again", self.again)
            .flag("failed", self.failed)
            .flag("last", self.tail == Tail::Last)
            .flag("rests", self.tail == Tail::Resting);
        if let Some(tie) = &self.tie {
            object = object.json("tie", &tie.write());
        }
        if self.probing {
            object = object.json("probing", "true");
        }
        if let Some((page, total)) = self.refused {
            let refused = Object::new().number("page", Some(page.into())).count("total", total);
            object = object.json("refused", &refused.finish());
        }
        object.finish()
    }
}
