#include "planner/files/writer.h"

#include "planner/files/document.h"
#include "test/catch.h"

namespace galvatron {
namespace {

TEST_CASE("maps, lists and runs are written in block style") {
  YamlWriter out;
  out.comment("A plan.");
  out.field("version", 1);
  out.map("job", [&] {
    out.field("precision", "bf16");
    out.field("clip", 0.5);
    out.field("dropout", false);
  });
  out.list("stages", [&] {
    out.item([&] {
      out.flow("layers", std::vector<int>{0, 3});
      out.map("memory", [&] { out.field("parameters", std::int64_t{1} << 40); });
    });
    out.item([&] { out.field("schedule", "1f1b"); });
  });
  CHECK(out.text() ==
        "# A plan.\n"
        "version: 1\n"
        "job:\n"
        "  precision: bf16\n"
        "  clip: 0.5\n"
        "  dropout: false\n"
        "stages:\n"
        "  - layers: [0, 3]\n"
        "    memory:\n"
        "      parameters: 1099511627776\n"
        "  - schedule: 1f1b\n");
}

TEST_CASE("an item may begin with a map or a list") {
  YamlWriter out;
  out.list("a", [&] {
    out.item([&] { out.map("b", [&] { out.field("c", 1); }); });
    out.item([&] { out.list("d", [&] { out.item([&] { out.field("e", 2); }); }); });
  });
  CHECK(out.text() == "a:\n  - b:\n      c: 1\n  - d:\n      - e: 2\n");
  CHECK(parse_yaml(make_source("a", out.text())).root.entries.size() == 1);
}

TEST_CASE("what is empty stays visible") {
  YamlWriter out;
  out.map("a", [] {});
  out.list("b", [] {});
  out.flow("c", std::vector<int>{});
  out.list("d", [&] { out.item([] {}); });
  out.field("e", "");
  CHECK(out.text() == "a: {}\nb: []\nc: []\nd:\n  - {}\ne: \"\"\n");
}

TEST_CASE("any text reads back as itself and as nothing else") {
  const std::string text =
      GENERATE("gpt2", "NVIDIA A100-SXM4 (80 GB)", "1f1b", "12", "1e3", "0x1F", "010", "null", "~",
               "true", "no", "a: b", "a #b", "- a", "a ", " a", "\"quoted\"", "it's", "back\\slash",
               "two\nlines", "tab\t", "\xC3\xA9", "*a", "&a", "!a", "[a]", "{a}", "a,b", "%", "@",
               "\x01", "", "1.5", "-", "...", "e");
  YamlWriter out;
  out.field("text", text);
  out.flow("list", std::vector<std::string>{text, text});
  out.map(text, [&] { out.field("x", 1); });
  const Document document = parse_yaml(make_source("a", out.text()));
  CHECK(document.root.entries[0].value.text == text);
  CHECK(document.root.entries[0].value.is_scalar());
  CHECK(document.root.entries[1].value.items.at(1).text == text);
  CHECK(document.root.entries[2].key == text);
}

TEST_CASE("numbers are shortest and words quoted only where they must be") {
  YamlWriter out;
  out.flow("d", std::vector<double>{0.1, 1.0, 1e21, 1.0 / 3});
  out.flow("w", std::vector<std::string>{"12", "a/b.yaml", "true"});
  CHECK(out.text() == "d: [0.1, 1, 1e+21, 0.3333333333333333]\nw: [\"12\", a/b.yaml, \"true\"]\n");
}

}  // namespace
}  // namespace galvatron
