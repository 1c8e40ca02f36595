// config.json of t5, and its YAML form.
#include "planner/model/hf_config.h"
#include "planner/model/layer_graph.h"
#include "test/catch.h"
#include "test/planner/files/error_text.h"

namespace galvatron {
namespace {

ModelReading read(const std::string& line) {
  return read_hf_config(
      parse_json(make_source("config.json", "{\"model_type\": \"t5\",\n" + line + "}")));
}

T5Config t5(const std::string& line) { return std::get<T5Config>(read(line).model.config); }

// Message of the first problem; "no error" if there is none.
std::string problem(const std::string& line) {
  const std::string text = error_text([&] { read(line); });
  return text.substr(0, text.find('\n'));
}

TEST_CASE("every key of t5 that computes is read") {
  const ModelReading reading = read(R"("vocab_size": 131, "d_model": 36, "d_kv": 5, "d_ff": 50,
      "num_layers": 3, "num_decoder_layers": 2, "num_heads": 6, "is_encoder_decoder": true,
      "relative_attention_num_buckets": 9, "relative_attention_max_distance": 11,
      "dropout_rate": 0.2, "layer_norm_epsilon": 1e-4, "feed_forward_proj": "gated-gelu",
      "dense_act_fn": "gelu_new", "is_gated_act": true, "pad_token_id": 3,
      "decoder_start_token_id": 2, "initializer_factor": 1.0, "n_positions": 512,
      "tie_word_embeddings": false, "architectures": ["T5ForConditionalGeneration"])");
  CHECK(reading.warnings.empty());
  CHECK(reading.model == Model{.name = "",
                               .sequence_length = 512,
                               .config = T5Config{.vocabulary = 131,
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
                                                  .dropout = 0.2,
                                                  .padding_token = 3,
                                                  .start_token = 2,
                                                  .tied_embeddings = false}});
}

TEST_CASE("what a t5 config leaves out is the library's default") {
  T5Config expected;
  expected.decoder_layers = 6;
  CHECK(t5("\"vocab_size\": 32128") == expected);
  CHECK(t5("\"num_layers\": 4").decoder_layers == 4);
  CHECK(t5("\"pad_token_id\": 7").start_token == 7);
}

TEST_CASE("an untied t5 is told by transformers 4.x and by 5.x") {
  CHECK_FALSE(t5(R"("tie_word_embeddings": false)").tied_embeddings);
  CHECK_FALSE(t5(R"("tie_word_embeddings": true, "scale_decoder_outputs": false)").tied_embeddings);
  CHECK(t5(R"("tie_word_embeddings": true, "scale_decoder_outputs": true)").tied_embeddings);
  CHECK(problem(R"("tie_word_embeddings": false, "scale_decoder_outputs": true)") ==
        "config.json:2:56: scale_decoder_outputs must be false where tie_word_embeddings is, got "
        "true: only the output before a tied table is scaled");
}

TEST_CASE("the MLP of t5 is named by one key, which others must not contradict") {
  CHECK(t5(R"("feed_forward_proj": "relu")").activation == Activation::relu);
  CHECK(t5(R"("feed_forward_proj": "gelu")").activation == Activation::gelu_erf);
  CHECK(t5(R"("feed_forward_proj": "gated-silu")") ==
        t5(R"("feed_forward_proj": "gated-silu", "dense_act_fn": "silu", "is_gated_act": true)"));
  CHECK(problem(R"("feed_forward_proj": "gated-tanh")") ==
        "config.json:2:22: feed_forward_proj must be relu, gelu, gelu_new or silu, perhaps behind "
        "gated-, got gated-tanh");
  CHECK(problem(R"("feed_forward_proj": "relu", "is_gated_act": true)") ==
        "config.json:2:46: is_gated_act must be false, got true: nothing else is supported");
}

TEST_CASE("what a t5 config cannot mean is refused with its place") {
  CHECK(problem(R"("vocab_size": 30, "pad_token_id": 30)") ==
        "config.json:2:35: pad_token_id must be below vocab_size (30), got 30");
  CHECK(problem(R"("relative_attention_max_distance": 16)") ==
        "config.json:2:36: relative_attention_max_distance must be above half of "
        "relative_attention_num_buckets (32), got 16");
  CHECK(problem(R"("is_encoder_decoder": false)") ==
        "config.json:2:23: is_encoder_decoder must be true, got false: nothing else is supported");
}

TEST_CASE("T5 has the published numbers of parameters") {
  const auto count = [](const std::string& line) {
    return parameter_count(build_layer_graph(read(line).model));
  };
  CHECK(count(R"("d_ff": 2048)") == 60506624);  // t5-small
  CHECK(count(R"("d_model": 1024, "d_ff": 4096, "num_layers": 24, "num_heads": 16)") == 737668096);
  CHECK(count(R"("d_model": 512, "d_ff": 1024, "num_layers": 8, "num_heads": 6,
      "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false)") ==
        76961152);  // v1.1 small
}

TEST_CASE("a decoder has rows of its own length, and its layers whole tokens") {
  Model model = read("\"num_layers\": 2").model;
  std::get<T5Config>(model.config).target_sequence_length = 100;
  const LayerGraph graph = build_layer_graph(model);
  REQUIRE(layer_count(graph) == 7);
  CHECK(layer_at(graph, 2).tokens_per_sample == 512);
  CHECK(layer_at(graph, 3).type == "t5_bridge");
  CHECK(layer_at(graph, 3).tokens_per_sample == 612);
  CHECK(layer_at(graph, 4).attentions.at(1).keys == 512);
  CHECK(layer_at(graph, 6).tokens_per_sample == 100);
  CHECK(layer_at(graph, 2).whole_tokens_reason.empty());
  CHECK_FALSE(layer_at(graph, 4).whole_tokens_reason.empty());
}

}  // namespace
}  // namespace galvatron
