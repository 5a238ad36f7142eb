//! The conversation of a request, as turns for the model.

use actix_web::http::StatusCode;
use engine::ChatTurn;
use schemas::{
    ErrorClass,
    chat::{ChatMessage, Content},
};

use super::ranges::unsupported;
use crate::{http::body::clip, problem::ApiError};

/// Messages of one conversation.
const MAX_MESSAGES: usize = 1_024;

/// All turns, and which of them asks: the last of the user's, which is to be no longer than told.
pub(super) fn conversation(
    messages: Vec<ChatMessage>,
    question_chars: usize,
) -> Result<(Vec<ChatTurn>, usize), ApiError> {
    if messages.is_empty() {
        return Err(
            ApiError::invalid("Invalid 'messages': the list is empty").with_param("messages")
        );
    }
    if messages.len() > MAX_MESSAGES {
        return Err(ApiError::invalid(format!(
            "Invalid 'messages': at most {MAX_MESSAGES} are allowed"
        ))
        .with_param("messages"));
    }
    let mut turns = Vec::with_capacity(messages.len());
    for (index, message) in messages.into_iter().enumerate() {
        turns.push(turn(index, message)?);
    }
    let Some(at) = turns.iter().rposition(|t| t.role == "user") else {
        return Err(
            ApiError::invalid("'messages' must hold a message with the role 'user'")
                .with_param("messages"),
        );
    };
    let question = &turns[at].content;
    if question.trim().is_empty() {
        return Err(ApiError::invalid("the last user message is empty")
            .with_param(format!("messages[{at}].content")));
    }
    if question.chars().count() > question_chars {
        return Err(ApiError::new(
            ErrorClass::TooLarge,
            format!("the question is longer than {question_chars} characters"),
        )
        .with_status(StatusCode::BAD_REQUEST)
        .with_code("string_above_max_length")
        .with_param(format!("messages[{at}].content")));
    }
    Ok((turns, at))
}

fn turn(index: usize, message: ChatMessage) -> Result<ChatTurn, ApiError> {
    let role = match message.role.as_str() {
        "system" | "developer" => "system",
        "user" => "user",
        "assistant" => "assistant",
        "tool" | "function" => {
            return Err(unsupported(
                &format!("messages[{index}].role"),
                "tools are not supported",
            ));
        }
        other => {
            return Err(ApiError::invalid(format!(
                "Invalid value: '{}'. Supported values are: 'system', 'developer', 'user' and 'assistant'.",
                clip(other)
            ))
            .with_param(format!("messages[{index}].role"))
            .with_code("invalid_value"));
        }
    };
    let content = match message.content {
        Some(Content::Text(text)) => text,
        Some(Content::Parts(parts)) => {
            let mut text = String::new();
            for part in parts {
                let (true, Some(more)) = (part.kind == "text", part.text) else {
                    return Err(unsupported(
                        &format!("messages[{index}].content"),
                        "only parts of type 'text' are supported",
                    ));
                };
                text.push_str(&more);
            }
            text
        }
        None if role == "assistant" => String::new(),
        None => {
            return Err(ApiError::invalid("a message has no content")
                .with_param(format!("messages[{index}].content")));
        }
    };
    Ok(ChatTurn {
        role: role.to_owned(),
        content,
    })
}
