#include "planner/cli/quantity_text.h"

#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("sizes are read in the largest unit that they fill") {
  CHECK(bytes_text(Bytes{0}) == "0 B");
  CHECK(bytes_text(Bytes{1023}) == "1023 B");
  CHECK(bytes_text(kKiB) == "1.00 KiB");
  CHECK(bytes_text(312 * kMiB) == "312 MiB");
  CHECK(bytes_text(Bytes{kGiB.value * 3 / 2}) == "1.50 GiB");
}

TEST_CASE("times are read in seconds, milliseconds or microseconds") {
  CHECK(seconds_text(Seconds{0}) == "0.00 s");
  CHECK(seconds_text(Seconds{12.5}) == "12.5 s");
  CHECK(seconds_text(Seconds{0.0375}) == "37.5 ms");
  CHECK(seconds_text(Seconds{4e-6}) == "4.00 us");
}

TEST_CASE("changes of a time have their sign") {
  CHECK(change_text(Seconds{0.0375}) == "+37.5 ms");
  CHECK(change_text(Seconds{-2}) == "-2.00 s");
}

TEST_CASE("steps are read in seconds to four digits") {
  CHECK(step_text(Seconds{1.5}) == "1.500 s");
  CHECK(step_text(Seconds{0.13541}) == "0.1354 s");
  CHECK(step_text(Seconds{12345.6}) == "12346 s");
}

TEST_CASE("numbers keep three digits") {
  CHECK(number3(130.4) == "130");
  CHECK(number3(13.04) == "13.0");
  CHECK(number3(1.304) == "1.30");
  CHECK(number3(99.96) == "100");
}

}  // namespace
}  // namespace galvatron
