// config.json and YAML of swin, and the layers that they mean.
#include <fmt/format.h>

#include "planner/files/document.h"
#include "planner/model/hf_config.h"
#include "planner/model/hf_config_text.h"
#include "planner/model/layer_graph.h"
#include "planner/model/model_yaml.h"
#include "planner/model/swin_sizes.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

ModelReading read(const std::string& json) {
  return read_hf_config(parse_json(make_source("config.json", json)));
}

// A config with one more line, so that errors are on line 2.
std::string with(const std::string& line) { return "{\"model_type\": \"swin\",\n" + line + "}"; }

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string problem(const std::string& line) {
  return first_line(error_text([&] { read(with(line)); }));
}

// The sizes of test/executor/goldens/swin_irregular.
SwinConfig irregular() {
  return {.image_height = 19,
          .image_width = 31,
          .patch_height = 2,
          .patch_width = 3,
          .classes = 5,
          .hidden = 12,
          .depths = {2, 3, 1},
          .heads = {2, 6, 12},
          .window = 3,
          .mlp_ratio = 2.5};
}

Model model_of(const SwinConfig& config) {
  return {.name = "s", .sequence_length = token_count(config), .config = config};
}

TEST_CASE("every key of swin that computes is read") {
  const ModelReading reading = read(R"({"model_type": "swin", "image_size": [20, 28],
      "patch_size": [2, 4], "num_channels": 4, "embed_dim": 36, "depths": [1, 3],
      "num_heads": [6, 9], "window_size": 3, "mlp_ratio": 2.5, "hidden_act": "relu",
      "layer_norm_eps": 1e-4, "initializer_range": 0.1, "hidden_dropout_prob": 0.2,
      "attention_probs_dropout_prob": 0.3, "drop_path_rate": 0.4, "qkv_bias": false,
      "use_absolute_embeddings": false, "num_layers": 2, "hidden_size": 72, "encoder_stride": 32,
      "out_features": ["stage2"], "out_indices": [2], "stage_names": ["stem", "stage1", "stage2"],
      "id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2},
      "path_norm": true, "architectures": ["SwinForImageClassification"]})");
  CHECK(reading.warnings.empty());
  CHECK(reading.model == Model{.name = "",
                               .sequence_length = 10 * 7,
                               .config = SwinConfig{.image_height = 20,
                                                    .image_width = 28,
                                                    .patch_height = 2,
                                                    .patch_width = 4,
                                                    .channels = 4,
                                                    .classes = 3,
                                                    .hidden = 36,
                                                    .depths = {1, 3},
                                                    .heads = {6, 9},
                                                    .window = 3,
                                                    .mlp_ratio = 2.5,
                                                    .activation = Activation::relu,
                                                    .norm_epsilon = 1e-4,
                                                    .initializer_range = 0.1,
                                                    .hidden_dropout = 0.2,
                                                    .attention_dropout = 0.3,
                                                    .path_dropout = 0.4,
                                                    .query_key_value_biases = false}});
}

TEST_CASE("what a swin config leaves out is the library's default: two classes") {
  const Model model = read(with(R"("dtype": "float32")")).model;
  CHECK(std::get<SwinConfig>(model.config) == SwinConfig{.classes = 2});
  CHECK(model.sequence_length == 56 * 56);
}

TEST_CASE("what swin cannot compute is refused by name") {
  CHECK(problem(R"("use_absolute_embeddings": true)") ==
        "config.json:2:28: use_absolute_embeddings must be false, got true: nothing else is "
        "supported");
  CHECK(problem(R"("num_heads": [3, 6])") ==
        "config.json:2:14: num_heads must have one number per depth (4), got 2");
  CHECK(problem(R"("num_heads": [3, 6, 12, 7])") ==
        "config.json:2:14: num_heads must divide the width of depth 3 (768), got 7");
  CHECK(problem(R"("depths": [])") ==
        "config.json:2:11: depths must name between 1 and 16 depths, got 0");
  CHECK(problem(R"("image_size": 192)") ==
        "config.json:1:1: window_size must be at most the sides of the grid of depth 3 (6 x 6), "
        "got 7");
  CHECK(problem(R"("mlp_ratio": 0.0001)") ==
        "config.json:2:14: mlp_ratio must leave every width between 1 and 4194304, got 0");
  CHECK(problem(R"("patch_size": 300)") ==
        "config.json:2:15: patch_size must be at most image_size (224 x 224), got 300 x 300");
}

TEST_CASE("a Swin is written and read back as YAML and as config.json") {
  for (const SwinConfig& config :
       {irregular(), SwinConfig{.activation = Activation::relu, .query_key_value_biases = false}}) {
    const Model model = model_of(config);
    YamlWriter out;
    write_model_yaml(out, model);
    const Document document = parse_yaml(make_source("m.yaml", out.text()));
    ErrorList errors(document.source);
    MapReader reader(document.root, errors);
    CHECK(read_model_yaml(reader) == model);
    CHECK(errors.empty());

    const ModelReading reading = read(hf_config_text(model).value());
    CHECK(reading.warnings.empty());
    CHECK(reading.model.config == model.config);
  }
}

TEST_CASE("each depth halves a grid that is filled up, and doubles the width") {
  const SwinConfig config = irregular();
  const SwinDepth first = swin_depth(config, 0);
  CHECK(first.grid_height == 10);
  CHECK(first.grid_width == 11);
  CHECK(first.mlp_width == 30);
  CHECK(window_count(config, first) == 4 * 4);
  CHECK(window_shift(config, first) == 1);
  const SwinDepth last = swin_depth(config, 2);
  CHECK(token_count(last) == 3 * 3);
  CHECK(last.hidden == 48);
  CHECK(last.first_block == 5);
  CHECK(window_shift(config, last) == 0);
}

TEST_CASE("swin's layers are its blocks with a merging between two depths") {
  const LayerGraph graph = build_layer_graph(model_of(irregular()));
  std::vector<std::string> types;
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    types.push_back(layer_at(graph, layer).type);
  }
  CHECK(types == std::vector<std::string>{"swin_embedding", "swin_block_0", "swin_block_0",
                                          "swin_merging_0", "swin_block_1", "swin_block_1",
                                          "swin_block_1", "swin_merging_1", "swin_block_2",
                                          "swin_head"});
  const Layer& merging = layer_at(graph, 3);
  CHECK(merging.tokens_per_sample == 5 * 6);
  CHECK(merging.hidden == 24);
  CHECK(parameter_name(graph, 3, merging.parameters.back()) ==
        "swin.encoder.layers.0.downsample.reduction.weight");
  CHECK(parameter_name(graph, 6, layer_at(graph, 6).parameters.front()) ==
        "swin.encoder.layers.1.blocks.2.layernorm_before.weight");
}

std::int64_t parameters(std::int64_t hidden, const std::vector<std::int64_t>& depths,
                        const std::vector<std::int64_t>& heads) {
  return parameter_count(
      build_layer_graph(model_of({.hidden = hidden, .depths = depths, .heads = heads})));
}

TEST_CASE("Swin has the published numbers of parameters") {
  CHECK(parameters(96, {2, 2, 6, 2}, {3, 6, 12, 24}) == 28288354);
  CHECK(parameters(128, {2, 2, 18, 2}, {4, 8, 16, 32}) == 87768224);
  CHECK(parameters(192, {2, 2, 18, 2}, {6, 12, 24, 48}) == 196532476);
  CHECK(parameters(320, {2, 2, 26, 2}, {8, 16, 32, 64}) == 701253272);
}

}  // namespace
}  // namespace galvatron
