#include "executor/weights/safetensors_header.h"

#include <string>

#include "planner/files/spec_error.h"
#include "test/catch.h"
#include "test/executor/weights/file_bytes.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

std::vector<TensorEntry> parse(const std::string& file) {
  return parse_safetensors_header("f", std::as_bytes(std::span(file)));
}

std::string refusal(const std::string& file) {
  return error_text([&] { parse(file); });
}

// The first line: after it come the header and a caret.
std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

// Refusal of a header over `data_bytes` zero bytes of data.
std::string header_refusal(const std::string& header, std::size_t data_bytes) {
  return first_line(refusal(safetensors_bytes(header, std::string(data_bytes, '\0'))));
}

const std::string kTwoTensors = R"({"__metadata__":{"format":"pt"},)"
                                R"("b":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                                R"("a":{"dtype":"BF16","shape":[],"data_offsets":[24,26]}}  )";

}  // namespace

TEST_CASE("a header gives the tensors in the order of their bytes") {
  const std::string file = safetensors_bytes(kTwoTensors, std::string(26, '\0'));
  const auto data = static_cast<std::int64_t>(8 + kTwoTensors.size());
  CHECK(parse(file) ==
        std::vector<TensorEntry>{{"b", ElementType::f32, {2, 3}, data, data + 24},
                                 {"a", ElementType::bf16, {}, data + 24, data + 26}});
}

TEST_CASE("an empty file of tensors and empty tensors are accepted") {
  CHECK(parse(safetensors_bytes("{}", "")).empty());
  const auto tensors =
      parse(safetensors_bytes(R"({"e":{"dtype":"F32","shape":[0,4],"data_offsets":[4,4]},)"
                              R"("x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},)"
                              R"("f":{"dtype":"I64","shape":[0],"data_offsets":[4,4]}})",
                              "abcd"));
  CHECK(tensors.size() == 3);
}

TEST_CASE("a file cut anywhere is refused") {
  const std::string file = safetensors_bytes(kTwoTensors, std::string(26, '\0'));
  for (std::size_t size = 0; size < file.size(); ++size) {
    INFO("cut to " << size);
    REQUIRE_THROWS_AS(parse(file.substr(0, size)), SpecError);
  }
}

TEST_CASE("a header with one byte changed is read or refused, nothing else") {
  const std::string file = safetensors_bytes(kTwoTensors, std::string(26, '\0'));
  int refused = 0;
  for (std::size_t place = 0; place < 8 + kTwoTensors.size(); ++place) {
    for (const char byte : {'\0', '"', '}', '9', '-', ',', '\xFF'}) {
      std::string changed = file;
      changed[place] = byte;
      if (refusal(changed) != "no error") ++refused;
    }
  }
  CHECK(refused > 700);  // of 952 to 1000 changes; a changed name may stay valid
}

TEST_CASE("truncation says what is missing") {
  CHECK(refusal("abc") == "f: must begin with the 8-byte length of its header, has 3 bytes");
  CHECK(refusal(little_endian(10, 8) + "{}") ==
        "f: the header must have 10 bytes, the file ends after 2 of them");
  CHECK(refusal(safetensors_bytes(kTwoTensors, std::string(25, '\0'))) ==
        "f: the tensors need 26 data bytes, the file has 25");
}

TEST_CASE("bytes after the last tensor are refused") {
  CHECK(refusal(safetensors_bytes(kTwoTensors, std::string(27, '\0'))) ==
        "f: the tensors need 26 data bytes, the file has 27");
}

TEST_CASE("a header of more than 100 MB is refused before it is read") {
  CHECK(refusal(little_endian(100'000'001, 8) + "{}") ==
        "f: the header must have at most 100000000 bytes, its length says 100000001");
  CHECK(refusal(little_endian(-1, 8) + "{}") ==
        "f: the header must have at most 100000000 bytes, its length says 18446744073709551615");
}

TEST_CASE("overlaps and gaps name the tensor") {
  const std::string x = R"({"x":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},)";
  CHECK(header_refusal(x + R"("y":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}})", 6) ==
        "f: tensor \"y\" must begin at data byte 4, where the one before it ends, its data_offsets "
        "begin at 2 (overlap)");
  CHECK(header_refusal(x + R"("y":{"dtype":"U8","shape":[4],"data_offsets":[5,9]}})", 9) ==
        "f: tensor \"y\" must begin at data byte 4, where the one before it ends, its data_offsets "
        "begin at 5 (gap)");
}

TEST_CASE("sizes that do not follow from shape and type are refused") {
  CHECK(header_refusal(R"({"x":{"dtype":"F32","shape":[2,3],"data_offsets":[0,20]}})", 20) ==
        "f:1:50: tensor \"x\" of F32 [2, 3] must have 24 bytes, data_offsets give 20");
  CHECK(header_refusal(
            R"({"x":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,0]}})", 0) ==
        "f:1:68: tensor \"x\" of F64 [4294967296, 4294967296] must have 2^63 or more bytes, "
        "data_offsets give 0");
  CHECK(header_refusal(R"({"x":{"dtype":"U8","shape":[0],"data_offsets":[3,1]}})", 3) ==
        "f:1:47: data_offsets must be [begin, end], got [3, 1]");
}

TEST_CASE("an error in the header points at its place") {
  CHECK(refusal(safetensors_bytes(R"({"x":{"dtype":"F33","shape":[],"data_offsets":[0,4]}})",
                                  "abcd")) ==
        "f:1:15: unknown dtype \"F33\"\n"
        "  {\"x\":{\"dtype\":\"F33\",\"shape\":[],\"data_offsets\":[0,4]}}\n"
        "                ^");
}

TEST_CASE("numbers must be whole and not negative") {
  const auto with_shape = [](const std::string& shape) {
    return header_refusal(R"({"x":{"dtype":"U8","data_offsets":[0,1],"shape":)" + shape + "}}", 1);
  };
  CHECK(with_shape("[-1]") == "f:1:50: shape must be a whole number, got -1");
  CHECK(with_shape("[1.0]") == "f:1:50: shape must be a whole number, got 1.0");
  CHECK(with_shape("[99999999999999999999]") ==
        "f:1:50: shape must be a whole number, got 99999999999999999999");
  CHECK(with_shape(R"(["1"])") == "f:1:50: shape must be a whole number, got \"1\"");
  CHECK(with_shape("1") == "f:1:49: shape must be a list, got 1");
}

TEST_CASE("missing, unknown and repeated keys are refused") {
  CHECK(header_refusal(R"({"x":{"dtype":"U8","shape":[1]}})", 1) ==
        "f:1:2: tensor \"x\" must have the key \"data_offsets\"");
  CHECK(header_refusal(R"({"x":{"dtype":"U8","data_offsets":[0,1]}})", 1) ==
        "f:1:2: tensor \"x\" must have the key \"shape\"");
  CHECK(header_refusal(R"({"x":{"kind":"U8"}})", 1) == "f:1:7: unknown key \"kind\"");
  CHECK(header_refusal(R"({"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"x":{}})", 0) ==
        "f:1:54: the key `x` stands twice in this map");
}

TEST_CASE("a header that is no map of maps is refused") {
  CHECK(header_refusal("[]", 0) == "f:1:1: the header must be a map of tensors");
  CHECK(header_refusal(R"({"x":1})", 0) == "f:1:6: tensor \"x\" must be a map, got 1");
  CHECK(header_refusal(R"({"__metadata__":[]})", 0) ==
        "f:1:17: __metadata__ must be a map, got a list");
  CHECK(header_refusal(R"({"__metadata__":{"step":1}})", 0) ==
        "f:1:25: __metadata__ must map text to text, got 1");
}

}  // namespace galvatron
