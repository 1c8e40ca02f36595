#include "planner/model/model_yaml.h"

#include "test/catch.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

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

std::string first_line_of_error(const std::string& text) {
  const std::string error = error_text([&] { read(text); });
  return error.substr(0, error.find('\n'));
}

constexpr const char* kGpt2 =
    "family: gpt2\nsequence_length: 32\nvocabulary: 256\npositions: 64\nhidden: 48\nlayers: 3\n"
    "heads: 4\n";
constexpr const char* kLlama =
    "family: llama\nsequence_length: 32\nvocabulary: 256\npositions: 64\nhidden: 48\nlayers: 3\n"
    "heads: 4\nmlp_width: 96\n";

TEST_CASE("a family needs few keys, the others have defaults") {
  CHECK(read(kGpt2) == Model{.name = "",
                             .sequence_length = 32,
                             .config = Gpt2Config{.vocabulary = 256,
                                                  .positions = 64,
                                                  .hidden = 48,
                                                  .layers = 3,
                                                  .heads = 4,
                                                  .mlp_width = 192}});
  CHECK(read(kLlama) == Model{.name = "",
                              .sequence_length = 32,
                              .config = LlamaConfig{.vocabulary = 256,
                                                    .positions = 64,
                                                    .hidden = 48,
                                                    .layers = 3,
                                                    .heads = 4,
                                                    .key_value_heads = 4,
                                                    .head_size = 12,
                                                    .mlp_width = 96}});
}

TEST_CASE("a model is written with every key") {
  CHECK(written({.name = "tiny",
                 .sequence_length = 32,
                 .config = LlamaConfig{.vocabulary = 256,
                                       .positions = 64,
                                       .hidden = 48,
                                       .layers = 3,
                                       .heads = 4,
                                       .key_value_heads = 2,
                                       .head_size = 12,
                                       .mlp_width = 96,
                                       .rope_scaling = RopeScaling{}}}) ==
        "name: tiny\n"
        "sequence_length: 32\n"
        "family: llama\n"
        "vocabulary: 256\n"
        "positions: 64\n"
        "hidden: 48\n"
        "layers: 3\n"
        "heads: 4\n"
        "key_value_heads: 2\n"
        "head_size: 12\n"
        "mlp_width: 96\n"
        "norm_epsilon: 1e-06\n"
        "initializer_range: 0.02\n"
        "rope_theta: 10000\n"
        "rope_scaling:\n"
        "  factor: 8\n"
        "  low_frequency_factor: 1\n"
        "  high_frequency_factor: 4\n"
        "  original_positions: 8192\n"
        "tied_embeddings: false\n");
}

TEST_CASE("what was written is read back, and written again as the same bytes") {
  const Model model = GENERATE(
      Model{.name = "a b: c",
            .sequence_length = 7,
            .config = Gpt2Config{.mlp_width = 5,
                                 .activation = Activation::silu,
                                 .norm_epsilon = 1.0 / 3,
                                 .attention_dropout = 0,
                                 .tied_embeddings = false}},
      Model{.name = "1.5", .sequence_length = 2048, .config = LlamaConfig{.rope_theta = 5e5}},
      Model{
          .name = "", .sequence_length = 1, .config = LlamaConfig{.rope_scaling = RopeScaling{}}});
  CHECK(read(written(model)) == model);
  CHECK(written(read(written(model))) == written(model));
}

TEST_CASE("bert and vit are written and read back") {
  const Model model = GENERATE(Model{.name = "b",
                                     .sequence_length = 128,
                                     .config = BertConfig{.mlp_width = 3072,
                                                          .activation = Activation::relu,
                                                          .padding_token = -1,
                                                          .tied_embeddings = false,
                                                          .head = BertHead::pretraining}},
                               Model{.name = "v",
                                     .sequence_length = 13,
                                     .config = VitConfig{.image_height = 20,
                                                         .image_width = 28,
                                                         .patch_height = 6,
                                                         .patch_width = 6,
                                                         .mlp_width = 3072,
                                                         .query_key_value_biases = false}});
  CHECK(read(written(model)) == model);
}

TEST_CASE("a t5 is written and read back, with as many decoder as encoder layers unless it says") {
  const std::string sizes =
      "family: t5\nsequence_length: 16\nvocabulary: 64\nhidden: 32\nencoder_layers: 2\n"
      "heads: 4\nmlp_width: 64\n";
  const Model model = read(sizes);
  const auto& config = std::get<T5Config>(model.config);
  CHECK(config.decoder_layers == 2);
  CHECK(config.head_size == 8);
  CHECK(target_length(config, model.sequence_length) == 16);
  CHECK(read(written(model)) == model);
  CHECK(first_line_of_error(sizes + "start_token: 64\n") ==
        "m.yaml:8:14: start_token must be below vocabulary (64), got 64");
  CHECK(first_line_of_error(sizes + "gated_mlp: true\nactivation: gelu\n") ==
        "m.yaml:9:13: activation must be gelu_new where gated_mlp is true, as in T5, got gelu");
}

TEST_CASE("the tokens of a vit follow from its images") {
  const std::string sizes =
      "family: vit\nimage_height: 224\nimage_width: 224\npatch_height: 16\npatch_width: 16\n"
      "classes: 1000\nhidden: 768\nlayers: 12\nheads: 12\n";
  CHECK(read(sizes).sequence_length == 197);
  CHECK(read(sizes + "sequence_length: 197\n") == read(sizes));
  CHECK(first_line_of_error(sizes + "sequence_length: 196\n") ==
        "m.yaml:10:18: sequence_length must be the tokens of an image (197), got 196");
  CHECK(first_line_of_error("family: vit\nimage_height: 8\nimage_width: 224\npatch_height: 16\n"
                            "patch_width: 16\nclasses: 2\nhidden: 64\nlayers: 1\nheads: 4\n") ==
        "m.yaml:4:15: patch_height must be at most that of the image (8), got 16");
}

TEST_CASE("a file without a family, or with an unknown one, is one error") {
  CHECK(error_text([] { read("sequence_length: 8\nhidden: 4\n"); }) ==
        "m.yaml:1:1: the key `family` is missing\n  sequence_length: 8\n  ^");
  CHECK(error_text([] { read("family: gtp2\nsequence_length: 8\nhidden: 4\n"); }) ==
        "m.yaml:1:9: family must be one of gpt2, llama, bert, vit, t5, swin, got gtp2\n"
        "  family: gtp2\n"
        "          ^\n"
        "  did you mean `gpt2`?");
}

TEST_CASE("missing, unknown and wrong keys are reported together") {
  const std::string error = error_text([] {
    read(
        "family: gpt2\nsequence_length: 32\nvocabulary: 256\npositions: 64\nhiden: 48\n"
        "layers: 0\nheads: 5\n");
  });
  CHECK(error.find("m.yaml:1:1: the key `hidden` is missing") == 0);
  CHECK(error.find("m.yaml:6:9: layers must be an integer between 1 and 16384, got 0") !=
        std::string::npos);
  CHECK(error.find("m.yaml:5:1: unknown key `hiden`") != std::string::npos);
  CHECK(error.find("did you mean `hidden`?") != std::string::npos);
  CHECK(error.find("must divide") == std::string::npos);
}

TEST_CASE("sizes that do not fit together are refused") {
  CHECK(first_line_of_error("family: gpt2\nsequence_length: 65\nvocabulary: 9\npositions: 64\n"
                            "hidden: 48\nlayers: 3\nheads: 5\n") ==
        "m.yaml:7:8: heads must divide hidden (48), got 5");
  CHECK(first_line_of_error(std::string(kLlama) + "key_value_heads: 3\n") ==
        "m.yaml:9:18: key_value_heads must divide heads (4), got 3");
  CHECK(first_line_of_error(std::string(kLlama) + "head_size: 3\n") ==
        "m.yaml:9:12: head_size must be even for rotary positions, got 3");
  CHECK(first_line_of_error("family: gpt2\nsequence_length: 65\nvocabulary: 9\npositions: 64\n"
                            "hidden: 48\nlayers: 3\nheads: 4\n") ==
        "m.yaml:2:18: sequence_length must be at most positions (64), got 65");
}

}  // namespace
}  // namespace galvatron
