#include "planner/files/document.h"

#include "test/catch.h"
#include "test/planner/files/error_text.h"
#include "test/planner/files/temporary_folder.h"

namespace galvatron {
namespace {

Document yaml(std::string text) { return parse_yaml(make_source("a.yaml", std::move(text))); }
Document json(std::string text) { return parse_json(make_source("a.json", std::move(text))); }

std::string yaml_error(const std::string& text) {
  return error_text([&] { yaml(text); });
}
std::string json_error(const std::string& text) {
  return error_text([&] { json(text); });
}

// The tree in one line, each node with the offset where it begins.
std::string outline(const Node& node) {
  std::string text = std::to_string(node.offset) + ":";
  switch (node.kind) {
    case Node::Kind::null:
      return text + "null";
    case Node::Kind::plain:
    case Node::Kind::quoted:
      return text + describe(node);
    case Node::Kind::sequence:
      for (const Node& item : node.items) text += "[" + outline(item) + "]";
      return text;
    case Node::Kind::map:
      for (const MapEntry& entry : node.entries) {
        text +=
            "{" + std::to_string(entry.offset) + ":" + entry.key + "=" + outline(entry.value) + "}";
      }
      return text;
  }
  return text;
}

TEST_CASE("a YAML document becomes a tree with the offset of every node") {
  CHECK(outline(yaml("a: 1\nb: [x, \"y\"]\nc:\n  d: ~\n  e:\n").root) ==
        "0:{0:a=3:1}{5:b=8:[9:x][12:\"y\"]}{17:c=22:{22:d=25:null}{29:e=32:null}}");
}

TEST_CASE("offsets of a YAML document count bytes, whatever the characters and line ends") {
  CHECK(outline(yaml("\xC3\xA9: \xE2\x82\xAC\r\nb: 2\r\n").root) ==
        "0:{0:\xC3\xA9=4:\xE2\x82\xAC}{9:b=12:2}");
}

TEST_CASE("a JSON document becomes the same kind of tree") {
  CHECK(
      outline(json(R"({"a" : [1, -2.5e3, true, null, "x\"]\\"], "b":{}, "c": [[], 7]})").root) ==
      R"(0:{1:a=7:[8:1][11:-2.5e3][19:true][25:null][31:"x"]\"]}{42:b=46:}{50:c=55:[56:][60:7]})");
}

TEST_CASE("a file ending in .json is read as JSON, any other as YAML") {
  const TemporaryFolder folder;
  CHECK(read_document(folder.write("m.json", "{\"a\":\t1}"), 100).root.entries.size() == 1);
  CHECK_THROWS_AS(read_document(folder.write("n.json", "a: 1"), 100), SpecError);
  CHECK(read_document(folder.write("m.yaml", "a: 1"), 100).root.entries.size() == 1);
}

TEST_CASE("a quoted scalar is not a plain one") {
  const Document document = yaml("a: '1'\nb: 1\nc: \"null\"\nd: null\n");
  CHECK(find(document.root, "a")->kind == Node::Kind::quoted);
  CHECK(find(document.root, "b")->kind == Node::Kind::plain);
  CHECK(find(document.root, "c")->kind == Node::Kind::quoted);
  CHECK(find(document.root, "d")->kind == Node::Kind::null);
  CHECK(find(document.root, "e") == nullptr);
}

TEST_CASE("malformed YAML is refused where the parser stopped") {
  CHECK(yaml_error("a: 1\nb: [1, 2\n") ==
        "a.yaml:3:1: not valid YAML: end of sequence flow not found\n"
        "  \n"
        "  ^");
}

TEST_CASE("malformed JSON is refused where the parser stopped") {
  CHECK(json_error("{\"a\": 1,\n \"b\": oops}") ==
        "a.json:2:7: not valid JSON: syntax error while parsing value - invalid literal; last "
        "read: '\"b\": o'\n"
        "   \"b\": oops}\n"
        "        ^");
  CHECK(json_error("{\"a\": 1} x").find("a.json:1:10: not valid JSON") == 0);
}

TEST_CASE("a duplicate key is refused in YAML and JSON") {
  CHECK(yaml_error("a: 1\nb: 2\na: 3\n") ==
        "a.yaml:3:1: the key `a` stands twice in this map\n"
        "  a: 3\n"
        "  ^");
  CHECK(json_error("{\"a\": 1, \"a\": 2}") ==
        "a.json:1:10: the key `a` stands twice in this map\n"
        "  {\"a\": 1, \"a\": 2}\n"
        "           ^");
  CHECK(yaml("a: {x: 1}\nb: {x: 1}\n").root.entries.size() == 2);
}

TEST_CASE("anchors, aliases and tags are refused at their place") {
  CHECK(yaml_error("a: &x 1\n") ==
        "a.yaml:1:4: anchors (&name) are not supported\n"
        "  a: &x 1\n"
        "     ^");
  CHECK(yaml_error("a: &x [*x]\n").find("a.yaml:1:4: anchors (&name)") == 0);
  CHECK(yaml_error("a: *x\n").find("a.yaml:1:4: not valid YAML: the referenced anchor") == 0);
  const auto* const tagged =
      GENERATE("a: !x 1", "a: !!int 1", "a: !x", "a: !x [1]", "a: ! 'b'", "a: !x {b: 1}");
  CHECK(yaml_error(tagged).find("a.yaml:1:4: tags (!name) are not supported") == 0);
}

TEST_CASE("a key must be a word") {
  CHECK(yaml_error("? [a, b]\n: 1\n") ==
        "a.yaml:1:3: a key must be a word, got a list\n"
        "  ? [a, b]\n"
        "    ^\n"
        "  is a bracket left open?");
  CHECK(yaml_error("{a: 1}: 1\n").find("a key must be a word, got a map") != std::string::npos);
  CHECK(yaml_error("~: 1\n").find("a key must be a word, got nothing") != std::string::npos);
}

TEST_CASE("a second document is refused") {
  CHECK(yaml_error("a: 1\n---\nb: 1\n").find("a file must hold one document, got another") !=
        std::string::npos);
  CHECK(yaml("---\na: 1\n...\n").root.entries.size() == 1);
}

TEST_CASE("an empty document is refused") {
  const auto* const text = GENERATE("", "\n\n", "# only a comment\n", "---\n", "~");
  CHECK(yaml_error(text).find("a.yaml:1:1: the file is empty") == 0);
  CHECK(json_error("").find("a.json:1:1: not valid JSON") == 0);
}

TEST_CASE("64 levels are read, 65 are refused") {
  const std::string deepest = std::string(64, '[') + std::string(64, ']');
  CHECK(yaml(deepest).root.items.size() == 1);
  CHECK(json(deepest).root.items.size() == 1);
  const std::string message = ":1:65: lists and maps must nest at most 64 deep, this is one more";
  CHECK(yaml_error("[" + deepest + "]").find("a.yaml" + message) == 0);
  CHECK(json_error("[" + deepest + "]").find("a.json" + message) == 0);
}

TEST_CASE("a long line is shown around the place of the error") {
  const std::string spaces(300, ' ');
  const std::string text = "{a: 1, " + spaces + "a: 2, " + spaces + "}";
  const std::string error = yaml_error(text);
  const std::string line = std::string(74, ' ') + "a: 2, " + std::string(20, ' ');
  CHECK(error == "a.yaml:1:308: the key `a` stands twice in this map\n  " + line + "\n  " +
                     std::string(74, ' ') + "^");
}

}  // namespace
}  // namespace galvatron
