//! Matrices that are written out, and alternatives.

use super::Parser;
use crate::ast::{Expr, Node};
use crate::error::{Error, Result};
use crate::lexer::Kind;

impl Parser<'_> {
    /// A matrix or alternatives, from behind `\begin{…}` on.
    pub(super) fn environment(&mut self, start: usize, name: &str) -> Result<Expr> {
        match name {
            "bmatrix" | "pmatrix" | "matrix" | "array" => {
                if name == "array" {
                    self.columns()?;
                }
                let rows = self.rows(name)?;
                Ok(self.node(start, Node::Matrix(rows)))
            }
            "cases" => self.cases(start),
            _ => {
                self.at -= 1;
                self.fail(format!(
                    "the environment {name} is not read; bmatrix, array, cases and aligned are"
                ))
            }
        }
    }

    /// `{cccc|cccc}`.
    fn columns(&mut self) -> Result<()> {
        self.expect('{')?;
        while !self.eat('}') {
            match self.kind() {
                Some(Kind::Name(column)) if ["c", "l", "r"].contains(&column.as_str()) => self.at += 1,
                Some(Kind::Sign('|')) => self.at += 1,
                _ => return self.fail("the columns of an array are c, l, r and |"),
            }
        }
        Ok(())
    }

    fn rows(&mut self, name: &str) -> Result<Vec<Vec<Expr>>> {
        let mut rows = vec![vec![self.expression()?]];
        loop {
            if self.eat('&') {
                let entry = self.expression()?;
                rows.last_mut().expect("there is a row").push(entry);
                continue;
            }
            let next = self.kind() == Some(&Kind::Row);
            self.at += usize::from(next);
            if self.kind() == Some(&Kind::End(name.into())) {
                self.at += 1;
                break;
            }
            if !next {
                return self.fail("a matrix has & between its entries and \\\\ between its rows");
            }
            rows.push(vec![self.expression()?]);
        }
        if let Some(row) = rows.iter().find(|row| row.len() != rows[0].len()) {
            let what = format!("this row has {} entries, the first one has {}", row.len(), rows[0].len());
            return Err(Error::new(&(row[0].span.start..row[row.len() - 1].span.end), what));
        }
        Ok(rows)
    }

    fn cases(&mut self, start: usize) -> Result<Expr> {
        let mut cases = vec![];
        loop {
            let value = self.expression()?;
            self.eat(',');
            self.expect('&')?;
            let condition = match self.kind() {
                Some(Kind::Text(text)) if text == "otherwise" => {
                    self.at += 1;
                    if matches!((self.kind(), self.kind_after(1)), (Some(Kind::Row), next) if next != Some(&Kind::End("cases".into())))
                    {
                        return self.fail("\\text{otherwise} is the last of the cases");
                    }
                    None
                }
                Some(Kind::Text(text)) if text == "if" => {
                    self.at += 1;
                    Some(self.logic()?)
                }
                _ => return self.fail("a case ends in \\text{if } and a condition, or in \\text{otherwise}"),
            };
            self.eat(',');
            cases.push((value, condition));
            let next = self.kind() == Some(&Kind::Row);
            self.at += usize::from(next);
            if self.kind() == Some(&Kind::End("cases".into())) {
                self.at += 1;
                return Ok(self.node(start, Node::Cases(cases)));
            }
            if !next {
                return self.fail("cases have \\\\ between them");
            }
        }
    }
}
