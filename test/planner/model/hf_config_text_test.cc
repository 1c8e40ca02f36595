// What is written as config.json reads back as the same model.
#include "planner/model/hf_config_text.h"

#include "planner/model/hf_config.h"
#include "test/catch.h"

namespace galvatron {
namespace {

ModelReading read_back(const Model& model) {
  return read_hf_config(parse_json(make_source("config.json", hf_config_text(model).value())));
}

void check_round_trip(const Model& model) {
  const ModelReading reading = read_back(model);
  CHECK(reading.model.config == model.config);
  CHECK(reading.warnings.empty());
}

TEST_CASE("a GPT-2 is written and read back") {
  check_round_trip({.config = Gpt2Config{.vocabulary = 131,
                                         .positions = 29,
                                         .hidden = 36,
                                         .layers = 5,
                                         .heads = 6,
                                         .mlp_width = 84,
                                         .activation = Activation::relu,
                                         .norm_epsilon = 1e-4,
                                         .initializer_range = 0.1,
                                         .embedding_dropout = 0.2,
                                         .residual_dropout = 0.3,
                                         .attention_dropout = 0,
                                         .tied_embeddings = false}});
}

TEST_CASE("a Llama is written and read back, with its rotary scaling") {
  check_round_trip({.config = LlamaConfig{.vocabulary = 97,
                                          .positions = 512,
                                          .hidden = 36,
                                          .layers = 5,
                                          .heads = 6,
                                          .key_value_heads = 2,
                                          .head_size = 8,
                                          .mlp_width = 50,
                                          .norm_epsilon = 1e-4,
                                          .initializer_range = 0.1,
                                          .rope_theta = 500000,
                                          .rope_scaling = RopeScaling{},
                                          .tied_embeddings = true}});
  check_round_trip({.config = LlamaConfig{.rope_scaling = {}}});
}

TEST_CASE("a T5 is written and read back in both versions") {
  check_round_trip({.config = T5Config{.decoder_layers = 6}});
  check_round_trip({.config = T5Config{.vocabulary = 131,
                                       .hidden = 36,
                                       .encoder_layers = 3,
                                       .decoder_layers = 2,
                                       .heads = 6,
                                       .head_size = 5,
                                       .mlp_width = 50,
                                       .activation = Activation::gelu_tanh,
                                       .gated_mlp = true,
                                       .position_buckets = 9,
                                       .position_distance = 11,
                                       .norm_epsilon = 1e-4,
                                       .dropout = 0,
                                       .padding_token = 3,
                                       .start_token = 2,
                                       .tied_embeddings = false}});
}

TEST_CASE("a BERT is written and read back with either head") {
  check_round_trip({.config = BertConfig{.vocabulary = 61,
                                         .hidden = 48,
                                         .layers = 3,
                                         .heads = 6,
                                         .mlp_width = 100,
                                         .padding_token = -1,
                                         .tied_embeddings = false}});
  check_round_trip({.config = BertConfig{.mlp_width = 3072, .head = BertHead::pretraining}});
}

TEST_CASE("a ViT is written and read back, of square and other images") {
  check_round_trip({.config = VitConfig{.classes = 7, .mlp_width = 3072}});
  check_round_trip({.config = VitConfig{.image_height = 20,
                                        .image_width = 28,
                                        .patch_height = 4,
                                        .patch_width = 6,
                                        .classes = 3,
                                        .hidden = 36,
                                        .layers = 5,
                                        .heads = 6,
                                        .mlp_width = 40,
                                        .query_key_value_biases = false}});
}

TEST_CASE("a user's own model has no config.json") {
  CHECK_FALSE(hf_config_text({.config = UserModel{}}));
}

}  // namespace
}  // namespace galvatron
