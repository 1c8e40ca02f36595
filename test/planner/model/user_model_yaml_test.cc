#include "planner/model/user_model_yaml.h"

#include "planner/model/layer_graph.h"
#include "planner/model/model_yaml.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

constexpr const char* kText = R"(name: mine
sequence_length: 16
layers:
  - type: words
    kind: embedding
    hidden: 8
    vocabulary: 32
    parameters:
      - {name: words.weight, shape: [32, 8], split_dimension: 0, pads: true, tied_table: words}
    saved:
      - {name: tokens, elements_per_token: 1, spread: whole, element: int64, kept: always}
  - type: mixer
    hidden: 8
    parameters:
      - {name: "mixer.{}.in", shape: [8, 24], split_dimension: 1, parts: 3}
      - {name: "mixer.{}.out", shape: [24, 8], split_dimension: 0, deviation: 0.01}
      - {name: "mixer.{}.scale", shape: [8], initialization: ones, token_local: true}
    products:
      - {name: in, split: column, inputs: 8, outputs: 24}
      - {name: out, split: row, inputs: 24, outputs: 8}
    attentions: [{heads: 4, key_value_heads: 2, head_size: 6}]
    saved:
      - {name: input, elements_per_token: 8, spread: sequence, kept: always}
      - {name: middle, elements_per_token: 24, spread: tensor, kept: under_selective}
    streams:
      - {name: scale, forward_elements_per_token: 16, backward_elements_per_token: 24, spread: sequence}
    backward_moments:
      - name: out
        live: [{name: gradient, elements_per_token: -8, spread: sequence, element: fp32}]
    forward_launches: 5
    backward_launches: 9
    tensor_divides: [{name: heads, value: 4}]
  - type: words_head
    kind: head
    hidden: 8
    vocabulary: 32
    parameters:
      - {name: words.weight, shape: [32, 8], split_dimension: 0, pads: true, tied_table: words}
runs:
  - {type: words, count: 1}
  - {type: mixer, count: 3}
  - {type: words_head, count: 1}
)";

Model read(const std::string& text) {
  const Document document = parse_yaml(make_source("m.yaml", text));
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  Model model = read_model_yaml(reader);
  errors.throw_if_any();
  return model;
}

std::string written(const Model& model) {
  YamlWriter out;
  write_model_yaml(out, model);
  return out.text();
}

// kText with one piece of it replaced.
std::string changed(const std::string& from, const std::string& to) {
  std::string text = kText;
  const std::size_t place = text.find(from);
  REQUIRE(place != std::string::npos);
  return text.replace(place, from.size(), to);
}

std::string problem(const std::string& from, const std::string& to) {
  const std::string error = error_text([&] { read(changed(from, to)); });
  return error.substr(0, error.find('\n'));
}

TEST_CASE("a user's layers are read with all their tables") {
  const Model model = read(kText);
  const auto& user = std::get<UserModel>(model.config);
  REQUIRE(user.layers.size() == 3);
  const Layer& mixer = user.layers[1];
  CHECK(mixer.parameters[0] ==
        Parameter{.name = "mixer.{}.in", .shape = {8, 24}, .split_dimension = 1, .parts = 3});
  CHECK(mixer.parameters[2] == Parameter{.name = "mixer.{}.scale",
                                         .shape = {8},
                                         .initialization = {Initialization::Kind::ones},
                                         .token_local = true});
  CHECK(mixer.products[1] == Product{Product::Split::row, "out", 24, 8});
  CHECK(mixer.attentions ==
        std::vector<Attention>{{.heads = 4, .key_value_heads = 2, .head_size = 6}});
  CHECK(mixer.saved[1] ==
        SavedTensor{{"middle", 24, Spread::tensor}, SavedTensor::Kept::under_selective});
  CHECK(mixer.streams == std::vector<Stream>{{"scale", 16, 24, Spread::sequence}});
  CHECK(mixer.backward_moments ==
        std::vector<Moment>{{"out", {{"gradient", -8, Spread::sequence, Element::fp32}}}});
  CHECK(mixer.forward_launches == 5);
  CHECK(mixer.backward_launches == 9);
  CHECK(mixer.tensor_divides == std::vector<DivisibleBy>{{"heads", 4}});
  CHECK(user.runs == std::vector<std::pair<std::string, std::int64_t>>{
                         {"words", 1}, {"mixer", 3}, {"words_head", 1}});
}

TEST_CASE("a user's model is written and read back, byte for byte") {
  const Model model = read(kText);
  CHECK(read(written(model)) == model);
  CHECK(written(read(written(model))) == written(model));
}

TEST_CASE("a user's model becomes a graph whose layers see the model's sequence") {
  const LayerGraph graph = build_layer_graph(read(kText));
  REQUIRE(layer_count(graph) == 5);
  CHECK(layer_at(graph, 3).type == "mixer");
  CHECK(layer_at(graph, 3).tokens_per_sample == 16);
  CHECK(parameter_name(graph, 3, layer_at(graph, 3).parameters[0]) == "mixer.2.in");
  CHECK(parameter_count(graph) == 32 * 8 + 3 * (8 * 24 + 24 * 8 + 8));
}

TEST_CASE("a tensor for a later layer travels with the activations between") {
  const LayerGraph graph = build_layer_graph(read(
      std::string(kText) + "edges: [{tensor: skip, from: 0, to: 3, elements_per_token: 2}]\n"));
  CHECK(boost::num_edges(graph.graph) == 5);
  CHECK(widths_after(graph) == std::vector<std::int64_t>{10, 10, 10, 8, 0});
}

TEST_CASE("mistakes in a user's layers are refused at their place") {
  CHECK(problem("{type: mixer, count: 3}", "{type: mixr, count: 3}") ==
        "m.yaml:41:12: runs[1].type must be one of words, mixer, words_head, got mixr");
  CHECK(problem("type: words_head", "type: words") ==
        "m.yaml:33:11: layers[2].type must be unique, got words again");
  CHECK(problem("parts: 3", "parts: 5") ==
        "m.yaml:15:74: layers[1].parameters[0].parts must divide the split dimension (24), got 5");
  CHECK(problem("shape: [8], init", "split_dimension: 1, shape: [8], init") ==
        "m.yaml:17:51: layers[1].parameters[2].split_dimension must be less than the 1 "
        "dimensions, got 1");
  CHECK(problem("shape: [8], init", "shape: [], init") ==
        "m.yaml:17:41: layers[1].parameters[2].shape must have 1 to 8 dimensions, got 0");
  CHECK(problem("shape: [8], init", "shape: [268435456, 268435456], init") ==
        "m.yaml:17:41: layers[1].parameters[2].shape must hold at most 2^50 elements");
  CHECK(problem("    vocabulary: 32\n    parameters:\n      - {name: words.weight, shape: [32, 8], "
                "split_dimension: 0, pads: true, tied_table: words}\n    saved:",
                "    saved:") ==
        "m.yaml:4:5: layers[0].vocabulary must be given for the embedding");
  CHECK(problem("key_value_heads: 2", "key_value_heads: 3") ==
        "m.yaml:21:26: layers[1].attentions[0].heads must be a multiple of key_value_heads (3), "
        "got 4");
  CHECK(problem("split: column, ", "split: colum, ") ==
        "m.yaml:19:27: layers[1].products[0].split must be one of column, row, "
        "replicated, got colum");
  CHECK(problem("kept: always}", "kept: always, keep: 1}")
            .find("unknown key `layers[0].saved[0].keep`") != std::string::npos);
  const std::string last = "  - {type: words_head, count: 1}\n";
  const auto with_edge = [&](const std::string& edge) {
    return problem(last, last + "edges: [{tensor: skip, elements_per_token: 2, " + edge + "}]\n");
  };
  CHECK(with_edge("from: 1, to: 2") ==
        "m.yaml:43:60: edges[0].to must be a layer behind the next one of layer 1 and before 5, "
        "got 2");
  CHECK(with_edge("from: 1, to: 5") ==
        "m.yaml:43:60: edges[0].to must be a layer behind the next one of layer 1 and before 5, "
        "got 5");
  CHECK(problem("count: 3", "count: 16384") ==
        "m.yaml:40:3: runs must hold 1 to 16384 layers, got 16386");
}

}  // namespace
}  // namespace galvatron
