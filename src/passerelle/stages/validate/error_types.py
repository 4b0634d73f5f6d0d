"""Every error type of pydantic-core, grouped by what it means to the reader, as our reason codes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

UNJUDGED = "validate.record.unjudged"

_GROUPS = {
    "validate.field.missing": """
        missing missing_argument missing_keyword_only_argument missing_positional_only_argument
    """,
    "validate.field.unknown": """
        extra_forbidden unexpected_keyword_argument unexpected_positional_argument multiple_argument_values invalid_key
    """,
    "validate.value.wrong_type": """
        none_required string_type bool_type bool_parsing int_type int_parsing int_from_float float_type
        float_parsing bytes_type decimal_type decimal_parsing fraction_type fraction_parsing complex_type
        complex_str_parsing dict_type frozen_dict_type ordered_dict_type counter_type mapping_type list_type deque_type
        tuple_type set_type frozen_set_type iterable_type model_type model_attributes_type dataclass_type
        dataclass_exact_type named_tuple_type arguments_type url_type uuid_type is_instance_of is_subclass_of
        callable_type json_type
    """,
    "validate.value.out_of_bounds": """
        greater_than greater_than_equal less_than less_than_equal multiple_of finite_number int_parsing_size
        date_past date_future datetime_past datetime_future
    """,
    "validate.value.malformed": """
        string_pattern_mismatch url_parsing url_syntax_violation url_too_long url_scheme uuid_parsing uuid_version
        json_invalid
    """,
    "validate.number.decimals": "decimal_max_digits decimal_max_places decimal_whole_digits",
    "validate.text.too_short": "string_too_short bytes_too_short",
    "validate.text.too_long": "string_too_long bytes_too_long",
    "validate.text.characters": "string_unicode string_not_ascii bytes_invalid_encoding",
    "validate.list.too_short": "too_short",
    "validate.list.too_long": "too_long",
    "validate.word.unknown": "enum literal_error union_tag_invalid union_tag_not_found",
    "validate.day.malformed": "date_type date_parsing date_from_datetime_parsing date_from_datetime_inexact",
    "validate.instant.malformed": """
        time_type time_parsing datetime_type datetime_parsing datetime_object_invalid datetime_from_date_parsing
        timezone_naive timezone_aware timezone_offset time_delta_type time_delta_parsing
    """,
    "validate.record.inconsistent": "value_error assertion_error",
    UNJUDGED: """
        no_such_attribute needs_python_object recursion_loop recursion_depth_exceeded frozen_field frozen_instance
        get_attribute_error default_factory_not_called iteration_error set_item_not_hashable missing_sentinel_error
        ellipsis_error
    """,
}

REASON_OF: Mapping[str, str] = MappingProxyType(
    {error_type: code for code, error_types in _GROUPS.items() for error_type in error_types.split()},
)
"""By error type. A type that a later pydantic adds is `UNJUDGED` until somebody says what it means."""
