#include "planner/model/hf_config_text.h"

#include <nlohmann/json.hpp>

namespace galvatron {
namespace {

using Json = nlohmann::ordered_json;

std::string text_of(Activation activation) {
  return std::string(name_of(kActivationNames, activation));
}

Json config_json(const Gpt2Config& config) {
  return {{"architectures", {"GPT2LMHeadModel"}},
          {"model_type", "gpt2"},
          {"vocab_size", config.vocabulary},
          {"n_positions", config.positions},
          {"n_embd", config.hidden},
          {"n_layer", config.layers},
          {"n_head", config.heads},
          {"n_inner", config.mlp_width},
          {"activation_function", text_of(config.activation)},
          {"layer_norm_epsilon", config.norm_epsilon},
          {"initializer_range", config.initializer_range},
          {"embd_pdrop", config.embedding_dropout},
          {"resid_pdrop", config.residual_dropout},
          {"attn_pdrop", config.attention_dropout},
          {"tie_word_embeddings", config.tied_embeddings}};
}

Json config_json(const LlamaConfig& config) {
  Json json = {{"architectures", {"LlamaForCausalLM"}},
               {"model_type", "llama"},
               {"vocab_size", config.vocabulary},
               {"max_position_embeddings", config.positions},
               {"hidden_size", config.hidden},
               {"num_hidden_layers", config.layers},
               {"num_attention_heads", config.heads},
               {"num_key_value_heads", config.key_value_heads},
               {"head_dim", config.head_size},
               {"intermediate_size", config.mlp_width},
               {"hidden_act", "silu"},
               {"rms_norm_eps", config.norm_epsilon},
               {"initializer_range", config.initializer_range},
               {"rope_theta", config.rope_theta},
               {"tie_word_embeddings", config.tied_embeddings}};
  if (const auto& scaling = config.rope_scaling) {
    json["rope_scaling"] = {{"rope_type", "llama3"},
                            {"factor", scaling->factor},
                            {"low_freq_factor", scaling->low_frequency_factor},
                            {"high_freq_factor", scaling->high_frequency_factor},
                            {"original_max_position_embeddings", scaling->original_positions}};
  }
  return json;
}

Json config_json(const BertConfig& config) {
  const bool pretrains = config.head == BertHead::pretraining;
  Json json = {{"architectures", {pretrains ? "BertForPreTraining" : "BertForMaskedLM"}},
               {"model_type", "bert"},
               {"vocab_size", config.vocabulary},
               {"max_position_embeddings", config.positions},
               {"type_vocab_size", config.token_types},
               {"hidden_size", config.hidden},
               {"num_hidden_layers", config.layers},
               {"num_attention_heads", config.heads},
               {"intermediate_size", config.mlp_width},
               {"hidden_act", text_of(config.activation)},
               {"layer_norm_eps", config.norm_epsilon},
               {"initializer_range", config.initializer_range},
               {"hidden_dropout_prob", config.hidden_dropout},
               {"attention_probs_dropout_prob", config.attention_dropout},
               {"pad_token_id", config.padding_token},
               {"tie_word_embeddings", config.tied_embeddings}};
  if (config.padding_token < 0) json["pad_token_id"] = nullptr;
  return json;
}

// transformers counts the classes by their names.
Json class_names(std::int64_t classes) {
  Json names = Json::object();
  for (std::int64_t number = 0; number < classes; ++number) {
    names[std::to_string(number)] = "LABEL_" + std::to_string(number);
  }
  return names;
}

Json sides(std::int64_t height, std::int64_t width) {
  return height == width ? Json(height) : Json({height, width});
}

Json config_json(const VitConfig& config) {
  return {{"architectures", {"ViTForImageClassification"}},
          {"model_type", "vit"},
          {"image_size", sides(config.image_height, config.image_width)},
          {"patch_size", sides(config.patch_height, config.patch_width)},
          {"num_channels", config.channels},
          {"hidden_size", config.hidden},
          {"num_hidden_layers", config.layers},
          {"num_attention_heads", config.heads},
          {"intermediate_size", config.mlp_width},
          {"hidden_act", text_of(config.activation)},
          {"layer_norm_eps", config.norm_epsilon},
          {"initializer_range", config.initializer_range},
          {"hidden_dropout_prob", config.hidden_dropout},
          {"attention_probs_dropout_prob", config.attention_dropout},
          {"qkv_bias", config.query_key_value_biases},
          {"id2label", class_names(config.classes)}};
}

std::string mlp_text(const T5Config& config) {
  return (config.gated_mlp ? "gated-" : "") + text_of(config.activation);
}

Json config_json(const T5Config& config) {
  return {{"architectures", {"T5ForConditionalGeneration"}},
          {"model_type", "t5"},
          {"is_encoder_decoder", true},
          {"vocab_size", config.vocabulary},
          {"d_model", config.hidden},
          {"num_layers", config.encoder_layers},
          {"num_decoder_layers", config.decoder_layers},
          {"num_heads", config.heads},
          {"d_kv", config.head_size},
          {"d_ff", config.mlp_width},
          {"feed_forward_proj", mlp_text(config)},
          {"relative_attention_num_buckets", config.position_buckets},
          {"relative_attention_max_distance", config.position_distance},
          {"layer_norm_epsilon", config.norm_epsilon},
          {"dropout_rate", config.dropout},
          {"pad_token_id", config.padding_token},
          {"decoder_start_token_id", config.start_token},
          {"tie_word_embeddings", config.tied_embeddings}};
}

Json config_json(const SwinConfig& config) {
  return {{"architectures", {"SwinForImageClassification"}},
          {"model_type", "swin"},
          {"image_size", sides(config.image_height, config.image_width)},
          {"patch_size", sides(config.patch_height, config.patch_width)},
          {"num_channels", config.channels},
          {"embed_dim", config.hidden},
          {"depths", config.depths},
          {"num_heads", config.heads},
          {"window_size", config.window},
          {"mlp_ratio", config.mlp_ratio},
          {"hidden_act", text_of(config.activation)},
          {"layer_norm_eps", config.norm_epsilon},
          {"initializer_range", config.initializer_range},
          {"hidden_dropout_prob", config.hidden_dropout},
          {"attention_probs_dropout_prob", config.attention_dropout},
          {"drop_path_rate", config.path_dropout},
          {"qkv_bias", config.query_key_value_biases},
          {"id2label", class_names(config.classes)}};
}

Json config_json(const UserModel&) { return nullptr; }

}  // namespace

std::optional<std::string> hf_config_text(const Model& model) {
  const Json json =
      std::visit([](const auto& config) { return config_json(config); }, model.config);
  if (json.is_null()) return std::nullopt;
  return json.dump(2) + "\n";
}

}  // namespace galvatron
