//! Recognises messages that ask nothing.

/// Whether a message is only a greeting, thanks or a farewell. Anything more is a question.
pub(crate) fn is_small_talk(text: &str) -> bool {
    const MESSAGES: &[&str] = &[
        "hi",
        "hello",
        "hey",
        "hi there",
        "hello there",
        "hey there",
        "good morning",
        "good afternoon",
        "good evening",
        "good day",
        "greetings",
        "how are you",
        "how are you doing",
        "how do you do",
        "thanks",
        "thank you",
        "thanks a lot",
        "thank you very much",
        "many thanks",
        "cheers",
        "bye",
        "goodbye",
        "good bye",
        "see you",
        "good night",
        "ok",
        "okay",
        "great",
        "nice",
    ];
    let key = retriever::text::key(text);
    MESSAGES.contains(&key.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_small_talk;

    #[test]
    fn greetings_ask_nothing() {
        assert!(is_small_talk("Hello!"));
        assert!(is_small_talk("  Thank you. "));
        assert!(!is_small_talk("Hello, what is the capital of Chad?"));
        assert!(!is_small_talk(""));
    }
}
