#include "executor/weights/element_type.h"

#include <bit>
#include <cassert>
#include <cstring>

namespace galvatron {
namespace {

static_assert(std::endian::native == std::endian::little, "the files are little-endian");

template <typename T>
T load(std::span<const std::byte> bytes, std::int64_t index) {
  T value;
  std::memcpy(&value, bytes.data() + static_cast<std::size_t>(index) * sizeof(T), sizeof(T));
  return value;
}

float bf16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
float f16_to_float(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10U) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {  // zero and subnormal: fraction x 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  const std::uint32_t wide_exponent = exponent == 31 ? 255 : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (fraction << 13));
}

}  // namespace

std::int64_t element_bytes(ElementType type) {
  switch (type) {
    case ElementType::boolean:
    case ElementType::u8:
    case ElementType::i8:
    case ElementType::f8_e5m2:
    case ElementType::f8_e4m3:
      return 1;
    case ElementType::i16:
    case ElementType::u16:
    case ElementType::f16:
    case ElementType::bf16:
      return 2;
    case ElementType::i32:
    case ElementType::u32:
    case ElementType::f32:
      return 4;
    case ElementType::f64:
    case ElementType::i64:
    case ElementType::u64:
      return 8;
  }
  return 0;
}

bool is_weight_type(ElementType type) {
  return type == ElementType::f32 || type == ElementType::bf16 || type == ElementType::f16;
}

bool is_integer_type(ElementType type) {
  return !is_weight_type(type) && type != ElementType::f64 && type != ElementType::f8_e5m2 &&
         type != ElementType::f8_e4m3;
}

void to_floats(ElementType type, std::span<const std::byte> bytes, std::span<float> values) {
  assert(is_weight_type(type));
  assert(bytes.size() == values.size() * static_cast<std::size_t>(element_bytes(type)));
  if (values.empty()) return;
  if (type == ElementType::f32) {
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return;
  }
  const auto convert = type == ElementType::bf16 ? bf16_to_float : f16_to_float;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = convert(load<std::uint16_t>(bytes, static_cast<std::int64_t>(i)));
  }
}

std::int64_t integer_at(ElementType type, std::span<const std::byte> bytes, std::int64_t index) {
  switch (type) {
    case ElementType::boolean:
    case ElementType::u8:
      return load<std::uint8_t>(bytes, index);
    case ElementType::i8:
      return load<std::int8_t>(bytes, index);
    case ElementType::i16:
      return load<std::int16_t>(bytes, index);
    case ElementType::u16:
      return load<std::uint16_t>(bytes, index);
    case ElementType::i32:
      return load<std::int32_t>(bytes, index);
    case ElementType::u32:
      return load<std::uint32_t>(bytes, index);
    case ElementType::i64:
      return load<std::int64_t>(bytes, index);
    case ElementType::u64:
      return static_cast<std::int64_t>(load<std::uint64_t>(bytes, index));
    case ElementType::f8_e5m2:
    case ElementType::f8_e4m3:
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::f32:
    case ElementType::f64:
      break;
  }
  assert(!"an integer type");
  return 0;
}

}  // namespace galvatron
