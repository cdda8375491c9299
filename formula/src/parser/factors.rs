//! What a factor is: numbers, symbols with their accents and subscripts, brackets, functions.

use super::ranges::named;
use super::{BUILT_IN, NO_FACTOR, Parser};
use crate::ast::{Big, Expr, Node, Slot};
use crate::error::{Error, Result};
use crate::lexer::Kind;

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Result<Expr> {
        let start = self.at;
        let bars = self.bars;
        let Some(kind) = self.kind().cloned() else { return self.fail("something is missing at the end") };
        let expr = match kind {
            Kind::Number(number) => {
                self.at += 1;
                if self.is('.') && matches!(self.kind_after(1), Some(Kind::Number(_))) {
                    return self.fail("a decimal number is written as a fraction");
                }
                self.node(start, Node::Number(number))
            }
            Kind::Sign('(') => {
                self.at += 1;
                self.bars = 0;
                let mut inside = vec![self.expression()?];
                while self.eat(',') {
                    inside.push(self.expression()?);
                }
                self.expect(')')?;
                // The brackets belong to the place, so that what is exchanged keeps them.
                let span = self.since(start);
                if inside.len() == 1 {
                    Expr { node: inside.remove(0).node, span }
                } else {
                    Expr { node: Node::Vector(inside), span }
                }
            }
            // Braces hold together what TeX would set apart, as in {\uparrow_d} w. They leave no ink, so they hold
            // nothing that a reader would take apart: 2 {a + b} is printed as 2 a + b.
            Kind::Sign('{') => {
                self.at += 1;
                self.bars = 0;
                let inside = self.deeper(Self::primary)?;
                if !self.is('}') || self.sum_ends == Some(self.at) {
                    return self
                        .fail("braces are not printed: write parentheses around more than one symbol");
                }
                self.at += 1;
                Expr { node: inside.node, span: self.since(start) }
            }
            Kind::Sign('[') => {
                self.bars = 0;
                self.bracket(start)?
            }
            Kind::Sign('|') => {
                self.at += 1;
                self.bars = 1;
                let inside = self.expression()?;
                self.expect('|')?;
                let twice = self.tokens[start + 1].kind == Kind::Sign('|');
                if twice && matches!(&inside.node, Node::Apply(name, _) if name == "|#|") {
                    let what = "two bars on either side: write \\lVert a \\rVert for a norm";
                    return Err(Error::new(&self.since(start), what));
                }
                self.node(start, Node::Apply("|#|".into(), vec![inside]))
            }
            Kind::Begin(name) => {
                self.at += 1;
                self.bars = 0;
                self.environment(start, &name)?
            }
            Kind::Word(word) => {
                self.at += 1;
                self.symbol(start, &word)?
            }
            Kind::Name(name) => {
                self.at += 1;
                self.command(start, &name)?
            }
            _ => return self.fail("something that has a value is missing here"),
        };
        self.bars = bars;
        Ok(expr)
    }

    /// An Iverson bracket, the integers between two, or the brackets around an array of entries.
    fn bracket(&mut self, start: usize) -> Result<Expr> {
        let states = self.states_something();
        self.at += 1;
        if let Some(Kind::Begin(name)) = self.kind().cloned() {
            self.at += 1;
            let entries = self.environment(start, &name)?;
            self.expect(']')?;
            return Ok(Expr { node: entries.node, span: self.since(start) });
        }
        if states {
            let logic = self.logic()?;
            self.expect(']')?;
            return Ok(self.node(start, Node::Indicator(Box::new(logic))));
        }
        let from = self.expression()?;
        self.expect(',')?;
        let to = self.expression()?;
        self.expect(')')?;
        Ok(self.node(start, Node::Interval(Box::new(from), Box::new(to))))
    }

    /// What a command says, from behind it on.
    fn command(&mut self, start: usize, name: &str) -> Result<Expr> {
        let node = match name {
            "\\frac" | "\\tfrac" | "\\dfrac" => {
                if self.is('{') && self.kind_after(1) == Some(&Kind::Name("\\partial".into())) {
                    return self.partial(start);
                }
                if self.is_total() {
                    return self.derivative(start, "d");
                }
                Node::Divide(Box::new(self.argument()?), Box::new(self.argument()?))
            }
            "\\sqrt" => Node::Root(Box::new(self.argument()?)),
            "\\overline" | "\\bar" => Node::Apply("\\overline{#}".into(), vec![self.argument()?]),
            "\\hat" | "\\widehat" | "\\tilde" | "\\widetilde" => {
                return self.accent(start, &name.replace("wide", ""));
            }
            "\\lfloor" => Node::Apply("floor".into(), vec![self.until("\\rfloor")?]),
            "\\lceil" => Node::Apply("ceil".into(), vec![self.until("\\rceil")?]),
            "\\lVert" => {
                let inside = self.until("\\rVert")?;
                let mut norm = "norm".to_string();
                if self.is('_') {
                    norm = match self.kind_after(1) {
                        Some(Kind::Name(which)) if which == "F" => "norm".into(),
                        Some(Kind::Name(which)) if which == "\\infty" => "norm_infinity".into(),
                        Some(Kind::Number(1)) => "norm_1".into(),
                        Some(Kind::Number(2)) => "norm".into(),
                        _ => return self.fail("a norm is one of _1, _2, _F and _\\infty"),
                    };
                    self.at += 2;
                }
                Node::Apply(norm, vec![inside])
            }
            "\\langle" => {
                self.bars = 0;
                let left = self.expression()?;
                self.expect(',')?;
                let right = self.until("\\rangle")?;
                Node::Apply("\\langle#,#\\rangle".into(), vec![left, right])
            }
            "\\#" => Node::Apply("\\#".into(), vec![self.deeper(Self::factor)?]),
            "\\{" => return self.set(start),
            "\\sum" | "\\prod" => {
                return self.over(start, if name == "\\sum" { Big::Sum } else { Big::Product });
            }
            "\\max" | "\\min" if self.is('_') => {
                return self.over(start, if name == "\\max" { Big::Max } else { Big::Min });
            }
            "\\max" | "\\min" => {
                self.expect('(')?;
                Node::Apply(name[1..].into(), self.list(')')?)
            }
            "\\mathbb{1}" => {
                if !self.is('[') {
                    return self.fail("an indicator is written \\mathbb{1}[m = n]");
                }
                self.at += 1;
                self.bars = 0;
                let logic = self.logic()?;
                self.expect(']')?;
                Node::Indicator(Box::new(logic))
            }
            "e" if self.is('^') => {
                self.at += 1;
                Node::Exponential(Box::new(self.argument()?))
            }
            "\\nabla" if self.is('_') => return self.gradient(start),
            _ if NO_FACTOR.contains(&name) => {
                self.at -= 1;
                return self.fail(format!("{name} has no meaning here"));
            }
            _ => return self.symbol(start, name),
        };
        Ok(self.node(start, node))
    }

    /// `\nabla_\theta L`, `\nabla_{\hat x} L`: a name of its own, from behind `\nabla` on.
    fn gradient(&mut self, start: usize) -> Result<Expr> {
        self.expect('_')?;
        let by = self.argument()?;
        let Some(Kind::Name(of)) = self.kind().cloned() else {
            return self.fail("of what this is the gradient is missing: write \\nabla_x L");
        };
        self.at += 1;
        let by = match named(&by) {
            Some((name, [])) if name.contains(' ') => format!("{{{name}}}"),
            Some((name, [])) => name,
            _ => return Err(Error::new(&by.span, "a gradient is taken by a name: write \\nabla_x L")),
        };
        let name = format!("\\nabla_{by} {of}");
        if !self.notation.knows(&name) {
            return Err(self.unknown(&name));
        }
        Ok(self.node(start, Node::Name(name)))
    }

    /// An expression up to a closing command.
    fn until(&mut self, closing: &str) -> Result<Expr> {
        self.bars = 0;
        let inside = self.expression()?;
        self.expect_name(closing)?;
        Ok(inside)
    }

    /// Expressions separated by commas, up to a closing sign.
    fn list(&mut self, closing: char) -> Result<Vec<Expr>> {
        let bars = std::mem::take(&mut self.bars);
        let mut list = vec![self.expression()?];
        while self.eat(',') {
            list.push(self.expression()?);
        }
        self.bars = bars;
        self.expect(closing)?;
        Ok(list)
    }

    pub(super) fn is_known(&self, name: &str) -> bool {
        self.notation.knows(name) || self.notation.is_index(name) || ["i", "\\pi"].contains(&name)
    }

    pub(super) fn known(&self, name: &str) -> Result<()> {
        if self.is_known(name) {
            return Ok(());
        }
        self.fail(format!("the notation knows no `{name}`: write it otherwise, or add it to notation.toml"))
    }

    /// `\hat x`: a name of its own, or an operation on what is below.
    fn accent(&mut self, start: usize, accent: &str) -> Result<Expr> {
        let braces = usize::from(self.is('{'));
        if let Some(Kind::Name(below)) = self.kind_after(braces) {
            let name = format!("{accent} {below}");
            let alone = braces == 0 || self.kind_after(2) == Some(&Kind::Sign('}'));
            if alone && self.notation.knows(&name) {
                self.at += 1 + 2 * braces;
                return Ok(self.node(start, Node::Name(name)));
            }
        }
        let below = self.argument()?;
        let pattern = format!("{accent} #");
        if self.notation.knows(&pattern) {
            Ok(self.node(start, Node::Apply(pattern, vec![below])))
        } else {
            Err(self.unknown(&pattern))
        }
    }

    /// A symbol of the notation, with what stands below it and in its parentheses.
    fn symbol(&mut self, start: usize, name: &str) -> Result<Expr> {
        let mut name = name.to_string();
        while self.eat('\'') {
            name.push('\'');
        }
        if self.is('_')
            && self.notation.has_labels(&name)
            && let Some(labels) = self.labels(&name)?
        {
            let array = Expr { node: Node::Name(name), span: self.tokens[start].span.clone() };
            return Ok(self.node(start, Node::Index(Box::new(array), labels)));
        }
        let (name, parameters) = self.subscript(&name, str::to_string)?;
        let head = format!("{name}{}", places("_", "", parameters.len()));
        let mut arguments = parameters;
        if self.is('(') {
            let open = self.at;
            // A function takes its parentheses; after anything else they hold a factor.
            if self.notation.mentions_function(&head) || BUILT_IN.contains(&format!("{head}(#)").as_str()) {
                self.at += 1;
                let list = self.list(')')?;
                let pattern = format!("{head}{}", places("(", ")", list.len()));
                if !self.notation.knows(&pattern) && !BUILT_IN.contains(&pattern.as_str()) {
                    self.at = open + 1;
                    return Err(self.unknown(&pattern));
                }
                arguments.extend(list);
                return Ok(self.node(start, Node::Apply(pattern, arguments)));
            }
        }
        if arguments.is_empty() {
            self.at -= 1;
            let known = self.known(&name);
            self.at += 1;
            known.map_err(|error| Error::new(&self.since(start), error.what))?;
            return Ok(self.node(start, Node::Name(name)));
        }
        if self.notation.knows(&head) {
            Ok(self.node(start, Node::Apply(head, arguments)))
        } else if self.notation.has_labels(&name) {
            let what = format!("{name} has no such subscript: write an index in brackets, {name}[n]");
            Err(Error::new(&self.since(start), what))
        } else {
            Err(self.unknown(&head))
        }
    }

    /// What stands below a name: part of the name, if the notation knows that, or parameters.
    pub(super) fn subscript(
        &mut self,
        name: &str,
        pattern: impl Fn(&str) -> String,
    ) -> Result<(String, Vec<Expr>)> {
        if !self.is('_') {
            return Ok((name.into(), vec![]));
        }
        self.at += 1;
        let braces = usize::from(self.is('{'));
        let part = match self.kind_after(braces) {
            Some(Kind::Name(part) | Kind::Word(part)) => Some(part.clone()),
            Some(Kind::Number(part)) => Some(part.to_string()),
            _ => None,
        };
        let closed = braces == 0 || self.kind_after(2) == Some(&Kind::Sign('}'));
        if let Some(part) = part.filter(|_| closed) {
            let whole = format!("{name}_{part}");
            if self.notation.knows(&pattern(&whole))
                || self.notation.mentions_function(&whole)
                || BUILT_IN.contains(&format!("{whole}(#)").as_str())
            {
                self.at += 1 + 2 * braces;
                return Ok((whole, vec![]));
            }
        }
        if braces == 0 {
            return Ok((name.into(), vec![self.argument()?]));
        }
        self.at += 1;
        let parameters = self.list('}')?;
        Ok((name.into(), parameters))
    }

    /// The article's labels, which count from 1: `x_{23}` is x[1, 2].
    fn labels(&mut self, name: &str) -> Result<Option<Vec<Slot>>> {
        let braces = usize::from(self.kind_after(1) == Some(&Kind::Sign('{')));
        let Some(Kind::Number(labels)) = self.kind_after(1 + braces).cloned() else { return Ok(None) };
        if braces == 1 && self.kind_after(3) != Some(&Kind::Sign('}')) {
            return Ok(None);
        }
        let span = self.tokens[self.at + 1 + braces].span.clone();
        let digits = labels.to_string();
        // `01` reads as the number 1.
        if digits.len() != span.len() || digits.contains('0') {
            return Err(Error::new(
                &span,
                format!("labels count from 1: write {name}[0] for what is counted from 0"),
            ));
        }
        if braces == 0 && digits.len() > 1 {
            return Err(Error::new(
                &span,
                "two digits without braces: TeX takes the first, a reader takes both",
            ));
        }
        self.at += 2 + 2 * braces;
        let slot =
            |digit: u32| Slot::At(Expr { node: Node::Number(i64::from(digit) - 1), span: span.clone() });
        Ok(Some(digits.chars().filter_map(|digit| digit.to_digit(10)).map(slot).collect()))
    }
}

/// `_#`, `_{#,#}`, `(#)`, `(#,#)`: the places of so many expressions.
pub(super) fn places(open: &str, close: &str, count: usize) -> String {
    let list = vec!["#"; count].join(",");
    match count {
        0 => String::new(),
        1 => format!("{open}#{close}"),
        _ if open == "_" => format!("_{{{list}}}"),
        _ => format!("{open}{list}{close}"),
    }
}
