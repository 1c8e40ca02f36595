// config.json of bert and vit.
#include "planner/model/hf_config.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

ModelReading read(const std::string& json) {
  return read_hf_config(parse_json(make_source("config.json", json)));
}

// A config with one more line, so that errors are on line 2.
std::string with(const std::string& family, const std::string& line) {
  return "{\"model_type\": \"" + family + "\",\n" + line + "}";
}

BertConfig bert(const std::string& line) {
  return std::get<BertConfig>(read(with("bert", line)).model.config);
}

VitConfig vit(const std::string& line) {
  return std::get<VitConfig>(read(with("vit", line)).model.config);
}

// Message of the first problem; "no error" if there is none.
std::string problem(const std::string& family, const std::string& line) {
  const std::string text = error_text([&] { read(with(family, line)); });
  return text.substr(0, text.find('\n'));
}

TEST_CASE("every key of bert that computes is read") {
  const ModelReading reading = read(R"({"model_type": "bert", "vocab_size": 131,
      "max_position_embeddings": 29, "type_vocab_size": 3, "hidden_size": 36,
      "num_hidden_layers": 5, "num_attention_heads": 6, "intermediate_size": 84,
      "hidden_act": "gelu_new", "layer_norm_eps": 1e-4, "initializer_range": 0.1,
      "hidden_dropout_prob": 0.2, "attention_probs_dropout_prob": 0.3, "pad_token_id": 7,
      "tie_word_embeddings": false, "position_embedding_type": "absolute",
      "classifier_dropout": null, "architectures": ["BertForPreTraining"]})");
  CHECK(reading.warnings.empty());
  CHECK(reading.model == Model{.name = "",
                               .sequence_length = 29,
                               .config = BertConfig{.vocabulary = 131,
                                                    .positions = 29,
                                                    .token_types = 3,
                                                    .hidden = 36,
                                                    .layers = 5,
                                                    .heads = 6,
                                                    .mlp_width = 84,
                                                    .activation = Activation::gelu_tanh,
                                                    .norm_epsilon = 1e-4,
                                                    .initializer_range = 0.1,
                                                    .hidden_dropout = 0.2,
                                                    .attention_dropout = 0.3,
                                                    .padding_token = 7,
                                                    .tied_embeddings = false,
                                                    .head = BertHead::pretraining}});
}

TEST_CASE("what a bert config leaves out is the library's default") {
  CHECK(bert(R"("use_cache": true)") == BertConfig{.mlp_width = 3072});
  CHECK(bert(R"("architectures": ["BertForMaskedLM"])").head == BertHead::masked_lm);
}

TEST_CASE("a padding token that is null is none") {
  CHECK(bert(R"("pad_token_id": null)").padding_token == -1);
  CHECK(problem("bert", R"("pad_token_id": 30522)") ==
        "config.json:2:17: pad_token_id must be null or below vocab_size (30522), got 30522");
}

TEST_CASE("what bert might compute otherwise is refused by name") {
  CHECK(problem("bert", R"("position_embedding_type": "relative_key")") ==
        "config.json:2:28: position_embedding_type must be absolute, got \"relative_key\": nothing "
        "else is supported");
  CHECK(problem("bert", R"("is_decoder": true)") ==
        "config.json:2:15: is_decoder must be false, got true: nothing else is supported");
  CHECK(problem("bert", R"("hidden_size": 100)") ==
        "config.json:1:1: num_attention_heads must divide hidden_size (100), got 12");
}

TEST_CASE("another head of bert is planned as the masked language model, with a warning") {
  const auto warnings =
      read(with("bert", R"("architectures": ["BertForSequenceClassification"])")).warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(to_text(warnings.front())
            .find("BertForSequenceClassification is planned as BertForMaskedLM") !=
        std::string::npos);
}

TEST_CASE("every key of vit that computes is read") {
  const ModelReading reading = read(R"({"model_type": "vit", "image_size": [20, 28],
      "patch_size": 6, "num_channels": 4, "hidden_size": 36, "num_hidden_layers": 5,
      "num_attention_heads": 6, "intermediate_size": 84, "hidden_act": "relu",
      "layer_norm_eps": 1e-4, "initializer_range": 0.1, "hidden_dropout_prob": 0.2,
      "attention_probs_dropout_prob": 0.3, "qkv_bias": false, "encoder_stride": 16,
      "pooler_act": "tanh", "pooler_output_size": 36,
      "id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2},
      "architectures": ["ViTForImageClassification"]})");
  CHECK(reading.warnings.empty());
  CHECK(reading.model == Model{.name = "",
                               .sequence_length = 3 * 4 + 1,
                               .config = VitConfig{.image_height = 20,
                                                   .image_width = 28,
                                                   .patch_height = 6,
                                                   .patch_width = 6,
                                                   .channels = 4,
                                                   .classes = 3,
                                                   .hidden = 36,
                                                   .layers = 5,
                                                   .heads = 6,
                                                   .mlp_width = 84,
                                                   .activation = Activation::relu,
                                                   .norm_epsilon = 1e-4,
                                                   .initializer_range = 0.1,
                                                   .hidden_dropout = 0.2,
                                                   .attention_dropout = 0.3,
                                                   .query_key_value_biases = false}});
}

TEST_CASE("what a vit config leaves out is the library's default: two classes") {
  CHECK(vit(R"("dtype": "float32")") == VitConfig{.classes = 2, .mlp_width = 3072});
}

TEST_CASE("images and labels that vit cannot take are refused") {
  CHECK(problem("vit", R"("image_size": [1, 2, 3])") ==
        "config.json:2:15: image_size must be a number or [height, width]");
  CHECK(problem("vit", R"("image_size": 12)") ==
        "config.json:1:1: patch_size must be at most image_size (12 x 12), got 16 x 16");
  CHECK(problem("vit", R"("id2label": {"0": "price"})") ==
        "config.json:2:13: id2label must name at least 2 classes, got 1: regression is not "
        "supported");
  CHECK(problem("vit", R"("problem_type": "multi_label_classification")") ==
        "config.json:2:17: problem_type must be single_label_classification, got "
        "\"multi_label_classification\": nothing else is supported");
}

}  // namespace
}  // namespace galvatron
