#include "executor/weights/element_type.h"

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"

namespace galvatron {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

float one_float(ElementType type, std::int64_t bits) {
  const std::string bytes = little_endian(bits, static_cast<int>(element_bytes(type)));
  float value = 0;
  to_floats(type, bytes_of(bytes), {&value, 1});
  return value;
}

// IEEE 754 binary16 by its definition.
double half_value(std::uint32_t bits) {
  const int exponent = static_cast<int>((bits >> 10) & 31U);
  const double fraction = bits & 1023U;
  const double sign = (bits & 0x8000U) != 0 ? -1 : 1;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

}  // namespace

TEST_CASE("all finite F16 values are exact") {
  for (std::uint32_t bits = 0; bits < 0x10000; ++bits) {
    if (((bits >> 10) & 31U) == 31) continue;
    const float value = one_float(ElementType::f16, bits);
    REQUIRE(static_cast<double>(value) == half_value(bits));
    REQUIRE(std::signbit(value) == ((bits & 0x8000U) != 0));
  }
}

TEST_CASE("infinities and NaN of F16 stay what they are") {
  CHECK(one_float(ElementType::f16, 0x7C00) == std::numeric_limits<float>::infinity());
  CHECK(one_float(ElementType::f16, 0xFC00) == -std::numeric_limits<float>::infinity());
  CHECK(std::isnan(one_float(ElementType::f16, 0x7E00)));
}

TEST_CASE("BF16 is the upper half of a float") {
  CHECK(one_float(ElementType::bf16, 0x3F80) == 1);
  CHECK(one_float(ElementType::bf16, 0xC049) == -3.140625F);
  CHECK(one_float(ElementType::bf16, 0x0001) == std::bit_cast<float>(0x00010000U));
}

TEST_CASE("F32 is copied bit by bit") {
  CHECK(one_float(ElementType::f32, 0x3DCCCCCD) == 0.1F);
  CHECK(std::bit_cast<std::uint32_t>(one_float(ElementType::f32, 0x80000000)) == 0x80000000U);
}

TEST_CASE("integers keep their sign") {
  const std::string ones(16, '\xFF');
  CHECK(integer_at(ElementType::boolean, bytes_of(std::string("\1\0", 2)), 0) == 1);
  CHECK(integer_at(ElementType::u8, bytes_of(ones), 1) == 255);
  CHECK(integer_at(ElementType::i8, bytes_of(ones), 1) == -1);
  CHECK(integer_at(ElementType::u16, bytes_of(ones), 1) == 65535);
  CHECK(integer_at(ElementType::i16, bytes_of(ones), 1) == -1);
  CHECK(integer_at(ElementType::u32, bytes_of(ones), 1) == 4294967295);
  CHECK(integer_at(ElementType::i32, bytes_of(ones), 1) == -1);
  CHECK(integer_at(ElementType::i64, bytes_of(ones), 1) == -1);
}

TEST_CASE("an unaligned integer is read where it stands") {
  const std::string bytes = "x" + little_endian(-100, 8) + little_endian(7, 8);
  CHECK(integer_at(ElementType::i64, bytes_of(bytes).subspan(1), 0) == -100);
  CHECK(integer_at(ElementType::i64, bytes_of(bytes).subspan(1), 1) == 7);
}

TEST_CASE("every type is a weight, an integer or neither, never both") {
  for (const auto& [type, name] : kElementTypeNames) {
    INFO(name);
    CHECK_FALSE((is_weight_type(type) && is_integer_type(type)));
    CHECK(element_bytes(type) > 0);
  }
}

}  // namespace galvatron
