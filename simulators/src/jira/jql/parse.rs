//! Reading a query.

use super::{Clause, Condition, Field, Operator, Query, fields};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Sign(&'static str),
}

const SIGNS: [&str; 11] = ["!=", "!~", ">=", "<=", "=", "~", ">", "<", "(", ")", ","];

pub(super) fn query(text: &str) -> Result<Query, String> {
    let mut reader = Reader { tokens: tokens(text)?, at: 0 };
    let is_ordered = reader.is_word("order");
    let condition = if reader.peek().is_none() || is_ordered { None } else { Some(reader.any()?) };
    let order = reader.order()?;
    match reader.peek() {
        None => Ok(Query { condition, order }),
        Some(token) => Err(unexpected(token)),
    }
}

fn unexpected(token: &Token) -> String {
    let text = match token {
        Token::Word(text) | Token::Quoted(text) => text.as_str(),
        Token::Sign(sign) => sign,
    };
    format!("Error in the JQL Query: Expecting operator, value or the end of the query but got '{text}'.")
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            tokens.push(Token::Sign(sign));
            rest = &rest[sign.len()..];
        } else if first == '"' || first == '\'' {
            let (value, after) = quoted(&rest[1..], first)?;
            tokens.push(Token::Quoted(value));
            rest = after;
        } else {
            let is_end = |letter: char| letter.is_whitespace() || "=!~<>(),\"'".contains(letter);
            let end = rest.find(is_end).unwrap_or(rest.len());
            if end == 0 {
                return Err(format!("Error in the JQL Query: The character '{first}' is a reserved JQL character."));
            }
            tokens.push(Token::Word(rest[..end].to_owned()));
            rest = &rest[end..];
        }
        rest = rest.trim_start();
    }
    Ok(tokens)
}

fn quoted(text: &str, quote: char) -> Result<(String, &str), String> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((index, letter)) = letters.next() {
        match letter {
            '\\' => value.extend(letters.next().map(|(_, letter)| letter)),
            letter if letter == quote => return Ok((value, &text[index + letter.len_utf8()..])),
            letter => value.push(letter),
        }
    }
    Err("Error in the JQL Query: The quoted string has not been completed.".to_owned())
}

struct Reader {
    tokens: Vec<Token>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.peek().cloned();
        self.at += 1;
        token
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(text)) if text.eq_ignore_ascii_case(word))
    }

    /// Steps over a word, if it is there.
    fn takes(&mut self, word: &str) -> bool {
        let is_there = self.is_word(word);
        self.at += usize::from(is_there);
        is_there
    }

    fn takes_sign(&mut self, sign: &str) -> bool {
        let is_there = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(is_there);
        is_there
    }

    fn any(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.all()?];
        while self.takes("or") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::Any(parts) })
    }

    fn all(&mut self) -> Result<Condition, String> {
        let mut parts = vec![self.one()?];
        while self.takes("and") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Condition::All(parts) })
    }

    fn one(&mut self) -> Result<Condition, String> {
        if self.takes("not") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.takes_sign("(") {
            let inner = self.any()?;
            return if self.takes_sign(")") { Ok(inner) } else { Err(missing("')'")) };
        }
        let name = match self.next() {
            Some(Token::Word(name) | Token::Quoted(name)) => name,
            Some(token) => return Err(unexpected(&token)),
            None => return Err(missing("a field")),
        };
        let field = field(&name)?;
        let (operator, values) = self.comparison()?;
        Ok(Condition::Clause(Clause { name, field, operator, values }))
    }

    fn comparison(&mut self) -> Result<(Operator, Vec<String>), String> {
        if self.takes("is") {
            let operator = if self.takes("not") { Operator::NotEmpty } else { Operator::Empty };
            let is_nothing = self.takes("empty") || self.takes("null");
            return is_nothing.then(|| (operator, Vec::new())).ok_or_else(|| missing("EMPTY"));
        }
        let is_not = self.takes("not");
        if self.takes("in") {
            return Ok((if is_not { Operator::NotIn } else { Operator::In }, self.list()?));
        }
        let operator = match self.next() {
            Some(Token::Sign("=")) => Operator::Is,
            Some(Token::Sign("!=")) => Operator::IsNot,
            Some(Token::Sign("~")) => Operator::Contains,
            Some(Token::Sign("!~")) => Operator::ContainsNot,
            Some(Token::Sign(">")) => Operator::Above,
            Some(Token::Sign(">=")) => Operator::AtLeast,
            Some(Token::Sign("<")) => Operator::Below,
            Some(Token::Sign("<=")) => Operator::AtMost,
            Some(token) => return Err(unexpected(&token)),
            None => return Err(missing("an operator")),
        };
        if is_not {
            return Err(missing("IN"));
        }
        Ok((operator, vec![self.value()?]))
    }

    fn list(&mut self) -> Result<Vec<String>, String> {
        if !self.takes_sign("(") {
            return Err(missing("'('"));
        }
        let mut values = vec![self.value()?];
        while self.takes_sign(",") {
            values.push(self.value()?);
        }
        if self.takes_sign(")") { Ok(values) } else { Err(missing("')'")) }
    }

    /// A value; a function is kept with its brackets.
    fn value(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Quoted(text)) => Ok(text),
            Some(Token::Word(text)) if self.takes_sign("(") => {
                if !self.takes_sign(")") || !["currentuser", "now"].contains(&text.to_ascii_lowercase().as_str()) {
                    return Err(format!("Error in the JQL Query: Unable to find JQL function '{text}'."));
                }
                Ok(format!("{}()", text.to_ascii_lowercase()))
            }
            Some(Token::Word(text)) => Ok(text),
            Some(token) => Err(unexpected(&token)),
            None => Err(missing("a value")),
        }
    }

    fn order(&mut self) -> Result<Vec<(Field, bool)>, String> {
        let mut order = Vec::new();
        if !self.takes("order") {
            return Ok(order);
        }
        if !self.takes("by") {
            return Err(missing("BY"));
        }
        loop {
            let Some(Token::Word(name) | Token::Quoted(name)) = self.next() else { return Err(missing("a field")) };
            let is_down = self.takes("desc");
            if !is_down {
                self.takes("asc");
            }
            order.push((field(&name)?, is_down));
            if !self.takes_sign(",") {
                return Ok(order);
            }
        }
    }
}

fn missing(what: &str) -> String {
    format!("Error in the JQL Query: Expecting {what}.")
}

fn field(name: &str) -> Result<Field, String> {
    let lower = name.to_ascii_lowercase();
    let known = match lower.as_str() {
        "project" => Field::Project,
        "key" | "issuekey" | "issue" | "id" => Field::Key,
        "issuetype" | "type" => Field::Type,
        "status" => Field::Status,
        "statuscategory" => Field::StatusCategory,
        "assignee" => Field::Assignee,
        "reporter" => Field::Reporter,
        "creator" => Field::Creator,
        "parent" => Field::Parent,
        "priority" => Field::Priority,
        "resolution" => Field::Resolution,
        "labels" => Field::Labels,
        "summary" => Field::Summary,
        "description" => Field::Description,
        "text" => Field::Text,
        "created" | "createddate" => Field::Created,
        "updated" | "updateddate" => Field::Updated,
        "due" | "duedate" => Field::Due,
        _ if lower.starts_with("issue.property[") => Field::Property,
        _ => return custom(&lower).ok_or_else(|| unknown(name)),
    };
    Ok(known)
}

fn unknown(name: &str) -> String {
    format!("Field '{name}' does not exist or you do not have permission to view it.")
}

/// `cf[10020]`, or the field's own name.
fn custom(name: &str) -> Option<Field> {
    let number = name.strip_prefix("cf[").and_then(|rest| rest.strip_suffix(']'));
    let by_name = || fields::FIELDS.iter().find(|field| field.is_custom() && field.name.eq_ignore_ascii_case(name));
    let found = match number {
        Some(number) => fields::find(&format!("customfield_{number}")),
        None => by_name(),
    };
    found.map(Field::Custom)
}
