#include "planner/files/source.h"

#include <sys/stat.h>

#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

TEST_CASE("a regular file is read whole") {
  const TemporaryFolder folder;
  const std::string path = folder.write("model.yaml", "family: gpt2\n");
  CHECK(read_source(path, kRequestLimit) == Source{path, "family: gpt2\n"});
}

TEST_CASE("a file of exactly the limit is read, one byte more is refused") {
  const TemporaryFolder folder;
  const std::string exact = folder.write("exact.yaml", std::string(100, 'a'));
  const std::string over = folder.write("over.yaml", std::string(101, 'a'));
  CHECK(read_source(exact, 100).text.size() == 100);
  CHECK(error_text([&] { read_source(over, 100); }) ==
        over + ": the file must have at most 100 bytes, it has more");
}

TEST_CASE("what is no regular file is refused by name and without waiting") {
  const TemporaryFolder folder;
  const std::string fifo = folder.path("fifo.yaml");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(error_text([&] { read_source(fifo, 100); }) ==
        fifo + ": must be a regular file, found a FIFO");
  CHECK(error_text([&] { read_source(folder.path(""), 100); }) ==
        folder.path("") + ": must be a regular file, found a directory");
  CHECK(error_text([&] { read_source("/dev/zero", 100); }) ==
        "/dev/zero: must be a regular file, found a device");
}

TEST_CASE("a missing file is refused with the system's reason") {
  CHECK(error_text([] { read_source("/nowhere/model.yaml", 100); }) ==
        "/nowhere/model.yaml: cannot open the file: No such file or directory");
}

TEST_CASE("a byte order mark is skipped") {
  CHECK(make_source("a.yaml",
                    "\xEF\xBB\xBF"
                    "a: 1")
            .text == "a: 1");
}

TEST_CASE("invalid UTF-8 is refused at its place") {
  CHECK(error_text([] { make_source("a.yaml", "a: 1\nb: \xC3\xA9\xFF\n"); }) ==
        "a.yaml:2:5: the file must be UTF-8 text, found the invalid byte 0xFF\n"
        "  b: \xC3\xA9\xEF\xBF\xBD\n"
        "      ^");
}

TEST_CASE("every malformed UTF-8 sequence is refused") {
  const auto* const text =
      GENERATE("\x80", "\xC0\xAF", "\xC1\xBF", "\xC3", "\xE0\x80\xAF", "\xE2\x82", "\xED\xA0\x80",
               "\xF0\x80\x80\xAF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x28\xA1", "\xFF");
  CHECK_THROWS_AS(make_source("a.yaml", text), SpecError);
}

TEST_CASE("the ends of every length of UTF-8 are accepted") {
  const auto* const text =
      GENERATE("\x7E", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
               "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF");
  CHECK(make_source("a.yaml", text).text == text);
}

TEST_CASE("a NUL byte and other control characters are refused at their place") {
  CHECK(error_text([] {
          make_source("a.yaml", std::string("a: \0"
                                            "b",
                                            5));
        }) ==
        "a.yaml:1:4: the file must be text, found the control character 0x00\n"
        "  a: \xEF\xBF\xBD"
        "b\n"
        "     ^");
  CHECK_THROWS_AS(make_source("a.yaml", "a: \x04"), SpecError);  // yaml-cpp's end of input
  CHECK_THROWS_AS(make_source("a.yaml", "a: 1\rb: 2"), SpecError);
  CHECK(make_source("a.yaml", "a:\t1\r\nb: 2").text == "a:\t1\r\nb: 2");
}

TEST_CASE("marks count lines and characters from one") {
  const std::string text =
      "ab\n\xC3\xA9\xC3\xA9"
      "c\n";
  CHECK(mark_at(text, 0) == Mark{1, 1});
  CHECK(mark_at(text, 2) == Mark{1, 3});
  CHECK(mark_at(text, 3) == Mark{2, 1});
  CHECK(mark_at(text, 7) == Mark{2, 3});
  CHECK(mark_at(text, 8) == Mark{2, 4});
  CHECK(mark_at(text, 99) == Mark{3, 1});
  CHECK(line_at(text, 5) ==
        "\xC3\xA9\xC3\xA9"
        "c");
  CHECK(line_at("a\r\nb", 0) == "a");
}

}  // namespace
}  // namespace galvatron
