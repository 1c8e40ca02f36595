// Input made to hurt: each is refused, or read, in under two seconds and 512 MiB.
#include <sys/resource.h>
#include <sys/stat.h>

#include <ctime>
#include <functional>

#include "planner/files/document.h"
#include "planner/files/reader.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

// Sanitizers slow the program down and keep freed memory.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kMostSeconds = 20;
constexpr long kMostKibibytes = 4096L * 1024;
#else
constexpr double kMostSeconds = 2;
constexpr long kMostKibibytes = 512L * 1024;
#endif

// The first line of the error. Processor time, so that other programs do not count.
std::string timed_error(const std::function<void()>& action) {
  const std::clock_t start = std::clock();
  const std::string error = error_text(action);
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  CHECK(seconds < kMostSeconds);
  CHECK(usage.ru_maxrss < kMostKibibytes);
  return error.substr(0, error.find('\n'));
}

std::string repeated(std::string_view text, int count) {
  std::string result;
  for (int i = 0; i < count; ++i) result += text;
  return result;
}

// "key0: 0\nkey1: 1\n..." of about `bytes` bytes.
std::string flat_map(std::size_t bytes) {
  std::string text;
  for (int i = 0; text.size() < bytes; ++i) text += "k" + std::to_string(i) + ": 1\n";
  return text;
}

TEST_CASE("a flat map of 1.6 MB is over the limit of a request") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.yaml", flat_map(1600000));
  CHECK(timed_error([&] { read_document(path, kRequestLimit); }) ==
        path + ": the file must have at most 1048576 bytes, it has more");
}

TEST_CASE("a flat map just under a limit is read in time") {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.yaml", flat_map(1048000));
  CHECK(timed_error([&] {
          const Document document = read_document(path, kRequestLimit);
          REQUIRE(document.root.entries.size() > 90000);
          ErrorList errors(document.source);
          MapReader reader(document.root, errors);
          reader.required<int>("k1");
          reader.finish();
          errors.throw_if_any();
        }) == path + ":1:1: unknown key `k0`");
}

TEST_CASE("a list that holds itself is refused") {
  CHECK(timed_error([] { parse_yaml(make_source("a", "&a [*a]")); }) ==
        "a:1:1: anchors (&name) are not supported");
}

TEST_CASE("nests of 10,000 levels are refused in every notation") {
  const std::string message = ": lists and maps must nest at most 64 deep, this is one more";
  const auto nest = [](std::string_view open, std::string_view close) {
    return repeated(open, 10000) + repeated(close, 10000);
  };
  const auto yaml = [](const std::string& text) {
    return timed_error([&] { parse_yaml(make_source("a", text)); });
  };
  const auto json = [](const std::string& text) {
    return timed_error([&] { parse_json(make_source("a", text)); });
  };
  CHECK(yaml(nest("[", "]")) == "a:1:65" + message);
  CHECK(yaml(nest("{a: ", "}")) == "a:1:257" + message);
  CHECK(yaml(nest("- ", "")) == "a:1:129" + message);
  CHECK(json(nest("[", "]")) == "a:1:65" + message);
  CHECK(json(nest("{\"a\":", "}")) == "a:1:321" + message);
  CHECK(yaml(nest("[", "")) == "a:1:1: a key must be a word, got a list");
}

TEST_CASE("a NUL byte and invalid UTF-8 are refused") {
  const TemporaryFolder folder;
  const std::string nul = folder.write("nul.yaml", std::string("a: \0", 4));
  const std::string bytes = folder.write("bytes.yaml", "a: \xC3\x28");
  CHECK(timed_error([&] { read_document(nul, kRequestLimit); }) ==
        nul + ":1:4: the file must be text, found the control character 0x00");
  CHECK(timed_error([&] { read_document(bytes, kRequestLimit); }) ==
        bytes + ":1:4: the file must be UTF-8 text, found the invalid byte 0xC3");
}

TEST_CASE("a FIFO and a directory are refused") {
  const TemporaryFolder folder;
  const std::string fifo = folder.path("fifo.yaml");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(timed_error([&] { read_document(fifo, kRequestLimit); }) ==
        fifo + ": must be a regular file, found a FIFO");
  CHECK(timed_error([&] { read_document(folder.path(""), kRequestLimit); }) ==
        folder.path("") + ": must be a regular file, found a directory");
}

TEST_CASE("64 KiB of any one token is read or refused in time") {
  for (const std::string piece :
       {"[",  "]",    "{",   "a ",   "a: ", "a\n",  "\"",    "\"a\" ", "'",     "- ",  "-\n",
        "? ", ": ",   ", ",  "[],",  "&a ", "*a ",  "!a ",   "| ",     "#",     "\n",  "\t",
        "\\", "\"\\", "[a,", "%A\n", "a,",  "a:\n", "...\n", "---\n",  "a:\n ", "{}: "}) {
    const std::string text = repeated(piece, static_cast<int>((1U << 16U) / piece.size()));
    timed_error([&] { parse_yaml(make_source("a", text)); });
    timed_error([&] { parse_yaml(make_source("a", "x: [" + text + "]")); });
    timed_error([&] { parse_json(make_source("a", text)); });
  }
}

}  // namespace
}  // namespace galvatron
