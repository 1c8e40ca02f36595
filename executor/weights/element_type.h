// Element types of safetensors files, and their values as float or int64.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "cost_models/named_values.h"

namespace galvatron {

enum class ElementType {
  boolean,
  u8,
  i8,
  f8_e5m2,
  f8_e4m3,
  i16,
  u16,
  f16,
  bf16,
  i32,
  u32,
  f32,
  f64,
  i64,
  u64
};

inline constexpr NamedValues<ElementType, 15> kElementTypeNames{{
    {ElementType::boolean, "BOOL"},
    {ElementType::u8, "U8"},
    {ElementType::i8, "I8"},
    {ElementType::f8_e5m2, "F8_E5M2"},
    {ElementType::f8_e4m3, "F8_E4M3"},
    {ElementType::i16, "I16"},
    {ElementType::u16, "U16"},
    {ElementType::f16, "F16"},
    {ElementType::bf16, "BF16"},
    {ElementType::i32, "I32"},
    {ElementType::u32, "U32"},
    {ElementType::f32, "F32"},
    {ElementType::f64, "F64"},
    {ElementType::i64, "I64"},
    {ElementType::u64, "U64"},
}};

// Bytes of one element.
std::int64_t element_bytes(ElementType type);

bool is_weight_type(ElementType type);   // f32, bf16, f16: what to_floats converts
bool is_integer_type(ElementType type);  // what integer_at reads, booleans too

// Requires is_weight_type(type) and bytes for every value. Exact: all three fit into a float.
void to_floats(ElementType type, std::span<const std::byte> bytes, std::span<float> values);

// Element number `index` of an array that need not be aligned.
//
// Requires is_integer_type(type). Values of u64 above 2^63 come out negative.
std::int64_t integer_at(ElementType type, std::span<const std::byte> bytes, std::int64_t index);

}  // namespace galvatron
