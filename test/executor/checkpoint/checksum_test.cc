#include "executor/checkpoint/checksum.h"

#include <string>

#include "test/catch.h"

namespace galvatron {
namespace {

std::uint64_t of_text(const std::string& text) {
  return xxh64(std::as_bytes(std::span(text.data(), text.size())));
}

// Values of xxhsum -H1.
TEST_CASE("short and long inputs have the checksums of the specification") {
  CHECK(of_text("") == 0xEF46DB3751D8E999);
  CHECK(of_text("a") == 0xD24EC4F1A98C6E5B);
  CHECK(of_text("abc") == 0x44BC2CF5AD770999);
  CHECK(of_text("Nobody inspects the spammish repetition") == 0xFBCEA83C8A378BF1);
}

TEST_CASE("one flipped bit anywhere changes the checksum") {
  std::string text(100, 'x');
  const std::uint64_t before = of_text(text);
  for (char& letter : text) {
    letter ^= 1;
    CHECK(of_text(text) != before);
    letter ^= 1;
  }
}

TEST_CASE("a checksum is 16 hexadecimal digits") {
  CHECK(checksum_text(0x1F) == "000000000000001f");
  CHECK(parse_checksum("000000000000001f") == 0x1F);
  CHECK(!parse_checksum("1f"));
  CHECK(!parse_checksum("00000000000000zz"));
}

}  // namespace
}  // namespace galvatron
