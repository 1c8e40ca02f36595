// Random damage to good documents: whatever comes in, out comes a document or a SpecError.
#include <random>

#include "planner/files/document.h"
#include "planner/files/reader.h"
#include "test/catch.h"

namespace galvatron {
namespace {

constexpr std::string_view kYaml =
    "version: 1\nmodel: {family: gpt2, layers: 4}  # small\njob:\n  batch: 8\n  note: |\n"
    "    two\n    lines\nstages:\n  - layers: [0, 3]\n    tensor: 2\n  - {layers: [4, 5]}\n"
    "name: \"a \\\"b\\\" \\u00e9\"\nother: 'it''s'\n? long\n: key\n";
constexpr std::string_view kJson =
    R"({"model_type": "llama", "layers": [1, 2.5e3, -7], "rope": {"factor": 8.0, "x": null},
 "name": "a\"b\\\u00e9\ud83d\ude00", "tied": false, "deep": [[[{"a": []}]]]})";
constexpr std::string_view kMarks = "[]{}:,-?&*!|>'\"%@#~ \n\t\\0aeE.+<=_u\xC3\xA9";

std::string mutated(std::string_view original, std::mt19937& random) {
  std::string text(original);
  const auto below = [&random](std::size_t limit) { return random() % limit; };
  for (std::size_t change = below(6) + 1; change > 0 && !text.empty(); --change) {
    const std::size_t place = below(text.size());
    switch (below(4)) {
      case 0:
        text[place] = kMarks[below(kMarks.size())];
        break;
      case 1:
        text.insert(place, 1, kMarks[below(kMarks.size())]);
        break;
      case 2:
        text.erase(place, below(8) + 1);
        break;
      default:
        text.insert(below(text.size()), text.substr(place, below(30)));
        break;
    }
  }
  return text;
}

int size_of(const Node& node) {
  int size = 1;
  for (const Node& item : node.items) size += size_of(item);
  for (const MapEntry& entry : node.entries) size += size_of(entry.value);
  return size;
}

// Every node must begin inside the text, a scalar where its text does.
void check_offsets(const Node& node, const Source& source) {
  if (node.offset > source.text.size()) FAIL("an offset beyond the text: " << source.text);
  const std::string_view rest = std::string_view(source.text).substr(node.offset);
  const bool plain_start = node.kind != Node::Kind::plain || node.text.empty() ||
                           rest.substr(0, 1) == node.text.substr(0, 1) || rest.front() == '|' ||
                           rest.front() == '>';
  if (!plain_start) FAIL("a scalar begins elsewhere: " << node.text << " in " << source.text);
  for (const Node& item : node.items) check_offsets(item, source);
  for (const MapEntry& entry : node.entries) check_offsets(entry.value, source);
}

// Whether the text was read. Anything thrown but a SpecError with a place fails the test.
template <typename Parse>
bool survives(const std::string& text, Parse parse) {
  try {
    const Document document = parse(make_source("a", text));
    check_offsets(document.root, document.source);
    return size_of(document.root) > 0;
  } catch (const SpecError& error) {
    if (error.diagnostics().front().line < 1) FAIL("an error without a place: " << text);
    return false;
  }
}

TEST_CASE("damaged YAML is read or refused, never more") {
  std::mt19937 random(1);
  int read = 0;
  for (int i = 0; i < 4000; ++i) read += survives(mutated(kYaml, random), parse_yaml) ? 1 : 0;
  // Neither everything nor nothing: the damage reaches both ways out.
  CHECK(read > 400);
  CHECK(read < 3600);
}

TEST_CASE("damaged JSON is read or refused, never more") {
  std::mt19937 random(2);
  int read = 0;
  for (int i = 0; i < 4000; ++i) read += survives(mutated(kJson, random), parse_json) ? 1 : 0;
  CHECK(read > 40);
  CHECK(read < 3600);
}

}  // namespace
}  // namespace galvatron
