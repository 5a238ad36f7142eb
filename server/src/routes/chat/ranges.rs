//! Refusals of parameters, in the words and with the codes that OpenAI has for them.

use crate::problem::ApiError;

pub(super) fn unsupported(param: &str, why: &str) -> ApiError {
    ApiError::invalid(format!("Unsupported parameter: '{param}': {why}"))
        .with_param(param.to_owned())
        .with_code("unsupported_parameter")
}

pub(super) fn below(param: &'static str, minimum: &str, got: &str) -> ApiError {
    ApiError::invalid(format!(
        "Invalid '{param}': below minimum value. Expected a value >= {minimum}, but got {got} instead."
    ))
    .with_param(param)
    .with_code("below_min_value")
}

pub(super) fn in_range(
    param: &'static str,
    value: Option<f32>,
    low: f32,
    high: f32,
) -> Result<Option<f32>, ApiError> {
    let Some(got) = value else { return Ok(None) };
    if got < low || got.is_nan() {
        return Err(below(param, &low.to_string(), &got.to_string()));
    }
    if got > high {
        return Err(above(param, &high.to_string(), &got.to_string()));
    }
    Ok(value)
}

fn above(param: &'static str, maximum: &str, got: &str) -> ApiError {
    ApiError::invalid(format!(
        "Invalid '{param}': above maximum value. Expected a value <= {maximum}, but got {got} instead."
    ))
    .with_param(param)
    .with_code("above_max_value")
}

pub(super) fn up_to(
    param: &'static str,
    value: Option<u32>,
    low: u32,
    high: u32,
) -> Result<Option<u32>, ApiError> {
    match value {
        Some(got) if got < low => Err(below(param, &low.to_string(), &got.to_string())),
        Some(got) if got > high => Err(above(param, &high.to_string(), &got.to_string())),
        value => Ok(value),
    }
}
