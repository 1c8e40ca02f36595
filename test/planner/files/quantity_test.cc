#include "planner/files/quantity.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("integers are decimal and strict") {
  CHECK(parse_integer("0") == 0);
  CHECK(parse_integer("-12") == -12);
  CHECK(parse_integer("9223372036854775807") == INT64_MAX);
  const auto* const text = GENERATE("", "010", "-01", "+1", "1.0", "1e3", "0x10", "1_000", " 1",
                                    "1 ", "-", "9223372036854775808", "one");
  CHECK_FALSE(parse_integer(text).has_value());
}

TEST_CASE("numbers are finite and decimal") {
  CHECK(parse_number("1") == 1.0);
  CHECK(parse_number("-2.5e-3") == -2.5e-3);
  CHECK(parse_number("010") == 10.0);
  const auto* const text =
      GENERATE("", "inf", ".inf", "nan", "1e999", "0x1p3", "1,5", "+1", "1.5x", "--1");
  CHECK_FALSE(parse_number(text).has_value());
}

TEST_CASE("bytes carry binary or decimal units") {
  CHECK(parse_bytes("16GiB") == 16 * kGiB);
  CHECK(parse_bytes("80GB") == Bytes{80000000000});
  CHECK(parse_bytes("1.5 GiB") == Bytes{1610612736});
  CHECK(parse_bytes("512MiB") == 512 * kMiB);
  CHECK(parse_bytes("4096") == Bytes{4096});
  CHECK(parse_bytes("9007199254740993") == Bytes{9007199254740993});  // 2^53 + 1 stays exact
  const auto* const text = GENERATE("", "GiB", "16 GIB", "16gb", "-1GiB", "16  GiB", "16GiB ",
                                    "1e10GiB", "8388608TiB", "16GiBs", "nan", "1.2.3MB");
  CHECK_FALSE(parse_bytes(text).has_value());
}

TEST_CASE("times carry units and are seconds without") {
  CHECK(parse_seconds("90s") == Seconds{90});
  CHECK(parse_seconds("1.5 ms") == Seconds{1.5e-3});
  CHECK(parse_seconds("20us") == Seconds{20 * 1e-6});
  CHECK(parse_seconds("5min") == Seconds{300});
  CHECK(parse_seconds("2h") == Seconds{7200});
  CHECK(parse_seconds("0.25") == Seconds{0.25});
  const auto* const text = GENERATE("", "s", "-1s", "1 day", "1e400", "ms");
  CHECK_FALSE(parse_seconds(text).has_value());
}

TEST_CASE("the text of a number reads back as the same number") {
  for (const double value : {0.0, 1.0, 0.1, 1e21, 1.0 / 3.0, 5e-324, 1.7976931348623157e308}) {
    CHECK(parse_number(number_text(value)) == value);
  }
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(2.0) == "2");
}

}  // namespace
}  // namespace galvatron
