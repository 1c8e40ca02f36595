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

template <typename Config>
Config config_of(const std::string& family, const std::string& line) {
  return std::get<Config>(read(with(family, line)).model.config);
}

// Message of the first problem; "no error" if there is none.
std::string problem(const std::string& family, const std::string& line) {
  const std::string text = error_text([&] { read(with(family, line)); });
  return text.substr(0, text.find('\n'));
}

std::string warning(const std::string& family, const std::string& line) {
  const std::vector<Diagnostic> warnings = read(with(family, line)).warnings;
  return warnings.size() == 1 ? to_text(warnings.front()) : std::to_string(warnings.size());
}

TEST_CASE("every key of gpt2 that computes is read") {
  const ModelReading reading = read(R"({"model_type": "gpt2", "vocab_size": 131, "n_positions": 29,
      "n_embd": 36, "n_layer": 5, "n_head": 6, "n_inner": 84, "activation_function": "relu",
      "layer_norm_epsilon": 1e-4, "initializer_range": 0.1, "embd_pdrop": 0.2, "resid_pdrop": 0.3,
      "attn_pdrop": 0.0, "tie_word_embeddings": false, "scale_attn_weights": true})");
  CHECK(reading.warnings.empty());
  CHECK(reading.model == Model{.name = "",
                               .sequence_length = 29,
                               .config = Gpt2Config{.vocabulary = 131,
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

TEST_CASE("every key of llama that computes is read") {
  const ModelReading reading = read(R"({"model_type": "llama", "vocab_size": 97,
      "max_position_embeddings": 512, "hidden_size": 36, "num_hidden_layers": 5,
      "num_attention_heads": 6, "num_key_value_heads": 2, "head_dim": 8, "intermediate_size": 50,
      "rms_norm_eps": 1e-4, "initializer_range": 0.1, "rope_theta": 1000.0,
      "tie_word_embeddings": true, "hidden_act": "silu", "attention_bias": false,
      "attention_dropout": 0.0, "mlp_bias": false, "dtype": "float32",
      "rope_scaling": {"factor": 8.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                       "original_max_position_embeddings": 64, "rope_type": "llama3"}})");
  CHECK(reading.warnings.empty());
  CHECK(reading.model ==
        Model{.name = "",
              .sequence_length = 512,
              .config = LlamaConfig{.vocabulary = 97,
                                    .positions = 512,
                                    .hidden = 36,
                                    .layers = 5,
                                    .heads = 6,
                                    .key_value_heads = 2,
                                    .head_size = 8,
                                    .mlp_width = 50,
                                    .norm_epsilon = 1e-4,
                                    .initializer_range = 0.1,
                                    .rope_theta = 1000,
                                    .rope_scaling = RopeScaling{.factor = 8,
                                                                .low_frequency_factor = 1,
                                                                .high_frequency_factor = 4,
                                                                .original_positions = 64},
                                    .tied_embeddings = true}});
}

TEST_CASE("missing keys and null mean the library's defaults") {
  const auto gpt2 = config_of<Gpt2Config>("gpt2", R"("n_inner": null)");
  CHECK(gpt2 == Gpt2Config{.mlp_width = 3072});
  CHECK(gpt2.tied_embeddings);
  const auto llama = config_of<LlamaConfig>(
      "llama", R"("num_attention_heads": 16, "num_key_value_heads": null, "head_dim": null,
                  "rope_scaling": null, "sliding_window": null)");
  CHECK(llama == LlamaConfig{.heads = 16, .key_value_heads = 16, .head_size = 256});
  CHECK_FALSE(llama.tied_embeddings);
}

TEST_CASE("gpt2 takes the general names as aliases, which must agree") {
  const auto config = config_of<Gpt2Config>(
      "gpt2", R"("hidden_size": 64, "num_attention_heads": 4, "num_hidden_layers": 3,
                 "max_position_embeddings": 32)");
  CHECK(config ==
        Gpt2Config{.positions = 32, .hidden = 64, .layers = 3, .heads = 4, .mlp_width = 256});
  CHECK(config_of<Gpt2Config>("gpt2", R"("n_embd": 48, "hidden_size": 48)").hidden == 48);
  CHECK(problem("gpt2", R"("n_embd": 48, "hidden_size": 96)") ==
        "config.json:2:30: hidden_size must equal its alias n_embd (48), got 96");
}

TEST_CASE("rope_theta is found at the top and inside rope_parameters") {
  CHECK(config_of<LlamaConfig>("llama", R"("rope_theta": 500000)").rope_theta == 500000);
  const auto inside = config_of<LlamaConfig>(
      "llama", R"("rope_parameters": {"rope_theta": 500000.0, "rope_type": "default"})");
  CHECK(inside.rope_theta == 500000);
  CHECK_FALSE(inside.rope_scaling.has_value());
  const auto scaled = config_of<LlamaConfig>(
      "llama", R"("rope_parameters": {"rope_theta": 5e5, "rope_type": "llama3", "factor": 32.0,
      "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192})");
  CHECK(scaled.rope_theta == 500000);
  CHECK(scaled.rope_scaling == RopeScaling{32, 1, 4, 8192});
  CHECK(problem("llama", R"("rope_theta": 1e4, "rope_parameters": {"rope_theta": 5e5})") ==
        "config.json:2:54: rope_parameters.rope_theta must equal the one outside (10000), "
        "got 500000");
}

TEST_CASE("a rotary scaling other than llama3 is refused by name") {
  CHECK(problem("llama", R"("rope_scaling": {"type": "linear", "factor": 2.0})") ==
        "config.json:2:26: rope_scaling.type must be one of default, llama3, got \"linear\"");
  CHECK(problem("llama", R"("rope_scaling": {"rope_type": "llama3", "factor": 8.0,
      "low_freq_factor": 1.0, "high_freq_factor": 4.0})") ==
        "config.json:2:17: the key `rope_scaling.original_max_position_embeddings` is missing");
  CHECK(problem("llama", R"("rope_scaling": {"rope_type": "default", "beta_fast": 32})") ==
        "config.json:2:42: unknown key `rope_scaling.beta_fast`");
  CHECK(problem("llama", R"("rope_parameters": {"partial_rotary_factor": 0.5})") ==
        "config.json:2:46: rope_parameters.partial_rotary_factor must be 1");
}

TEST_CASE("keys that compute something else are refused by name") {
  CHECK(problem("llama", R"("attention_bias": true)") ==
        "config.json:2:19: attention_bias must be false, got true: nothing else is supported");
  CHECK(problem("llama", R"("mlp_bias": true)") ==
        "config.json:2:13: mlp_bias must be false, got true: nothing else is supported");
  CHECK(problem("llama", R"("attention_dropout": 0.1)") ==
        "config.json:2:22: attention_dropout must be 0, got 0.1: nothing else is supported");
  CHECK(problem("llama", R"("hidden_act": "gelu")") ==
        "config.json:2:15: hidden_act must be silu, got \"gelu\": nothing else is supported");
  CHECK(problem("llama", R"("sliding_window": 4096)") ==
        "config.json:2:19: sliding_window is not supported: every layer attends to all positions "
        "before");
  CHECK(problem("llama", R"("num_local_experts": 8)") ==
        "config.json:2:22: num_local_experts is not supported: mixtures of experts are not "
        "planned");
  CHECK(problem("gpt2", R"("scale_attn_by_inverse_layer_idx": true)") ==
        "config.json:2:36: scale_attn_by_inverse_layer_idx must be false, got true: nothing else "
        "is supported");
  CHECK(problem("gpt2", R"("quantization_config": {"bits": 4})") ==
        "config.json:2:24: quantization_config is not supported: weights are trained in fp32 or "
        "bf16");
  CHECK(problem("gpt2", R"("activation_function": "swish")") ==
        "config.json:2:24: activation_function must be one of gelu_new, gelu, relu, silu, got "
        "\"swish\"");
}

TEST_CASE("keys that do not compute are skipped") {
  CHECK(warning("gpt2", R"("n_ctx": 1024, "use_cache": true, "torch_dtype": "float32",
      "architectures": ["GPT2LMHeadModel"], "task_specific_params": {"text-generation": {}},
      "summary_type": "cls_index", "bos_token_id": 50256, "pruned_heads": {})") == "0");
  CHECK(warning("llama", R"("pretraining_tp": 2, "dtype": "bfloat16", "bos_token_id": 1,
      "eos_token_id": [2, 3], "architectures": ["LlamaForCausalLM"])") == "0");
}

TEST_CASE("any other key is a warning with its line") {
  CHECK(warning("llama", R"("rope_teta": 500000)") ==
        "config.json:2:1: unknown key `rope_teta` is ignored\n"
        "  \"rope_teta\": 500000}\n"
        "  ^\n"
        "  did you mean `rope_theta`?");
}

TEST_CASE("what would be trained otherwise than in the library is a warning") {
  CHECK(warning("llama", R"("pad_token_id": 0)")
            .find("config.json:2:17: pad_token_id is ignored: the row of this token is trained") ==
        0);
  CHECK(
      warning("gpt2", R"("architectures": ["GPT2ForSequenceClassification"])")
          .find("config.json:2:18: GPT2ForSequenceClassification is planned as GPT2LMHeadModel") ==
      0);
}

TEST_CASE("sizes of a config that do not fit together are refused") {
  CHECK(problem("gpt2", R"("n_embd": 100, "n_head": 12)") ==
        "config.json:2:26: n_head must divide n_embd (100), got 12");
  CHECK(problem("llama", R"("num_attention_heads": 32, "num_key_value_heads": 5)") ==
        "config.json:2:51: num_key_value_heads must divide num_attention_heads (32), got 5");
  CHECK(problem("llama", R"("hidden_size": 100, "num_attention_heads": 32)") ==
        "config.json:2:44: num_attention_heads must divide hidden_size (100) where there is no "
        "head_dim, got 32");
  CHECK(problem("llama", R"("head_dim": 7)") ==
        "config.json:2:13: head_dim must be even for rotary positions, got 7");
  CHECK(problem("llama", R"("num_hidden_layers": 0)") ==
        "config.json:2:22: num_hidden_layers must be an integer between 1 and 16384, got 0");
  CHECK(problem("llama", R"("vocab_size": 32000.0)") ==
        "config.json:2:15: vocab_size must be an integer between 1 and 268435456, got 32000.0");
}

TEST_CASE("all errors of a config come at once") {
  CHECK_THROWS_AS(read(with("llama", R"("hidden_size": 0, "mlp_bias": true)")), SpecError);
  try {
    read(with("llama", R"("hidden_size": 0, "mlp_bias": true, "num_experts": 8)"));
  } catch (const SpecError& error) {
    CHECK(error.diagnostics().size() == 3);
  }
}

TEST_CASE("another model type, or none, is refused") {
  CHECK(problem("mistral", R"("hidden_size": 64)") ==
        "config.json:1:16: model_type must be one of gpt2, llama, bert, vit, t5, swin, got "
        "\"mistral\"");
  CHECK(error_text([] { read("{}"); }).find("config.json:1:1: the key `model_type` is missing") ==
        0);
}

}  // namespace
}  // namespace galvatron
