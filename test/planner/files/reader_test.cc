#include "planner/files/reader.h"

#include "cost_models/units.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

enum class Fruit { apple, cherry };
constexpr NamedValues<Fruit, 2> kFruitNames{{{Fruit::apple, "apple"}, {Fruit::cherry, "cherry"}}};

// What `read` says about a YAML text; keys that it does not ask for are unknown.
template <typename Read>
std::string reading(const std::string& text, Read read) {
  return error_text([&] {
    const Document document = parse_yaml(make_source("a.yaml", text));
    ErrorList errors(document.source);
    MapReader reader(document.root, errors);
    read(reader);
    reader.finish();
    errors.throw_if_any();
  });
}

// The message alone, without place, line and caret.
template <typename T>
std::string message(const std::string& value, const Range& range = {}) {
  const std::string text =
      reading("key: " + value, [&](MapReader& reader) { reader.required<T>("key", range); });
  const std::string prefix = "a.yaml:1:6: ";
  return text.find(prefix) == 0 ? text.substr(prefix.size(), text.find('\n') - prefix.size())
                                : text;
}

TEST_CASE("values of every type are read") {
  const std::string text =
      "i: 9007199254740993\nn: 3\nd: 2.5e-3\nb: true\ns: \"010\"\np: gpt2\nm: 16GiB\nt: 20us\n"
      "f: cherry\nl: [1, 2]\nin: {x: 1}\nmany: [{x: 2}, {x: 3}]\n";
  const auto read = [](MapReader& reader) {
    CHECK(reader.required<std::int64_t>("i") == 9007199254740993);
    CHECK(reader.required<int>("n") == 3);
    CHECK(reader.required<double>("d") == 2.5e-3);
    CHECK(reader.required<bool>("b"));
    CHECK(reader.required<std::string>("s") == "010");
    CHECK(reader.required<std::string>("p") == "gpt2");
    CHECK(reader.required<Bytes>("m") == 16 * kGiB);
    CHECK(reader.required<Seconds>("t") == Seconds{20 * 1e-6});
    CHECK(reader.required("f", kFruitNames) == Fruit::cherry);
    CHECK(reader.required_list<int>("l") == std::vector<int>{1, 2});
    CHECK(reader.required_map("in").required<int>("x") == 1);
    std::vector<MapReader> many = reader.required_maps("many");
    REQUIRE(many.size() == 2);
    CHECK(many[1].required<int>("x") == 3);
  };
  CHECK(reading(text, read) == "no error");
}

TEST_CASE("absent optional values are none, present ones are read") {
  CHECK(reading("a: 1\n", [](MapReader& reader) {
          CHECK(reader.optional<int>("a") == 1);
          CHECK(reader.optional<int>("b") == std::nullopt);
          CHECK(reader.optional("c", kFruitNames) == std::nullopt);
          CHECK(reader.optional_list<int>("d") == std::nullopt);
          CHECK_FALSE(reader.optional_map("e").has_value());
          CHECK(reader.optional_maps("f").empty());
          CHECK(reader.value("g") == nullptr);
        }) == "no error");
}

TEST_CASE("a wrong value is refused with what was expected and what was found") {
  CHECK(message<int>("ten") == "key must be an integer, got ten");
  CHECK(message<int>("010") == "key must be an integer, got 010");
  CHECK(message<int>("8.0") == "key must be an integer, got 8.0");
  CHECK(message<int>("\"8\"") == "key must be an integer, got \"8\"");
  CHECK(message<int>("3000000000") == "key must be an integer, got 3000000000");
  CHECK(message<int>("[1]") == "key must be an integer, got a list");
  CHECK(message<int>("~") == "key must be an integer, got nothing");
  CHECK(message<double>("{a: 1}") == "key must be a number, got a map");
  CHECK(message<double>(".nan") == "key must be a number, got .nan");
  CHECK(message<bool>("yes") == "key must be true or false, got yes");
  CHECK(message<bool>("'true'") == "key must be true or false, got \"true\"");
  CHECK(message<std::string>("[a]") == "key must be a text, got a list");
  CHECK(message<Bytes>("16 gigs") == "key must be bytes, like 16GiB or 80GB, got 16 gigs");
  CHECK(message<Seconds>("soon") == "key must be a time, like 90s or 20us, got soon");
}

TEST_CASE("a value outside its range is refused with the range") {
  CHECK(message<int>("0", at_least(1)) == "key must be an integer of at least 1, got 0");
  CHECK(message<double>("1.5", between(0, 1)) == "key must be a number between 0 and 1, got 1.5");
  CHECK(message<double>("0", greater_than(0)) == "key must be a number greater than 0, got 0");
  CHECK(message<Bytes>("1KiB", at_least(4096)) ==
        "key must be bytes, like 16GiB or 80GB, of at least 4096, got 1KiB");
  CHECK(message<int>("1", at_least(1)) == "no error");
  CHECK(message<double>("1", between(0, 1)) == "no error");
}

TEST_CASE("an unknown word is refused with all words and the nearest") {
  CHECK(
      reading("fruit: chery\n", [](MapReader& reader) { reader.required("fruit", kFruitNames); }) ==
      "a.yaml:1:8: fruit must be one of apple, cherry, got chery\n"
      "  fruit: chery\n"
      "         ^\n"
      "  did you mean `cherry`?");
}

TEST_CASE("an unknown key is refused with the nearest known key") {
  CHECK(reading("global_bacth: 8\n",
                [](MapReader& reader) {
                  reader.optional<int>("precision");
                  reader.optional<int>("global_batch");
                }) ==
        "a.yaml:1:1: unknown key `global_bacth`\n"
        "  global_bacth: 8\n"
        "  ^\n"
        "  did you mean `global_batch`?");
}

TEST_CASE("a missing key is refused at its map") {
  CHECK(reading("device:\n  name: x\n",
                [](MapReader& reader) {
                  MapReader device = reader.required_map("device");
                  device.required<std::string>("name");
                  device.required<double>("memory_gib");
                  device.finish();
                }) ==
        "a.yaml:2:3: the key `device.memory_gib` is missing\n"
        "    name: x\n"
        "    ^");
}

TEST_CASE("a missing map is one error, not one per key inside") {
  CHECK(reading("a: 1\n", [](MapReader& reader) {
          reader.required<int>("a");
          MapReader device = reader.required_map("device");
          CHECK_FALSE(device.readable());
          CHECK(device.required<double>("memory_gib") == 0);
          device.refuse("memory_gib", "must be more");
          device.finish();
        }) == "a.yaml:1:1: the key `device` is missing\n  a: 1\n  ^");
}

TEST_CASE("all errors of a file come at once, in the order of reading") {
  CHECK(reading("a: x\nb: [1, y]\nc: 1\n",
                [](MapReader& reader) {
                  reader.required<int>("a");
                  reader.required_list<int>("b");
                  reader.refuse("c", "must divide 8, got 3");
                  reader.refuse("d", "is needed too");
                }) ==
        "a.yaml:1:4: a must be an integer, got x\n  a: x\n     ^\n"
        "a.yaml:2:8: b[1] must be an integer, got y\n  b: [1, y]\n         ^\n"
        "a.yaml:3:4: c must divide 8, got 3\n  c: 1\n     ^\n"
        "a.yaml:1:1: d is needed too\n  a: x\n  ^");
}

TEST_CASE("a map or list of the wrong kind is refused") {
  CHECK(reading("a: 1\nb: 2\nc: 3\nd: [4]\n",
                [](MapReader& reader) {
                  reader.required_map("a");
                  reader.required_list<int>("b");
                  reader.required_maps("c");
                  reader.required_maps("d");
                }) ==
        "a.yaml:1:4: a must be a map of keys to values, got 1\n  a: 1\n     ^\n"
        "a.yaml:2:4: b must be a list, got 2\n  b: 2\n     ^\n"
        "a.yaml:3:4: c must be a list of maps, got 3\n  c: 3\n     ^\n"
        "a.yaml:4:5: d[0] must be a map of keys to values, got 4\n  d: [4]\n      ^");
  CHECK(reading("[1]", [](MapReader& reader) { reader.required<int>("a"); }) ==
        "a.yaml:1:1: the file must be a map of keys to values, got a list\n  [1]\n  ^");
}

TEST_CASE("an error carries code, place and hint for programs") {
  const Document document = parse_yaml(make_source("a.yaml", "x: 1\n"));
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  reader.optional<int>("y");
  reader.finish();
  CHECK_FALSE(errors.empty());
  try {
    errors.throw_if_any();
    FAIL("no error");
  } catch (const SpecError& error) {
    CHECK(error.diagnostics() == std::vector<Diagnostic>{{.code = "unknown_key",
                                                          .message = "unknown key `x`",
                                                          .file = "a.yaml",
                                                          .line = 1,
                                                          .column = 1,
                                                          .hint = "did you mean `y`?",
                                                          .source_line = "x: 1",
                                                          .caret = 1}});
  }
}

}  // namespace
}  // namespace galvatron
