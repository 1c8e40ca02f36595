#include "planner/model/hf_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "planner/model/hf_config_families.h"

namespace galvatron {
namespace {

enum class HfModelType { gpt2, llama, bert, vit, t5, swin };
constexpr NamedValues<HfModelType, 6> kModelTypeNames{{{HfModelType::gpt2, "gpt2"},
                                                       {HfModelType::llama, "llama"},
                                                       {HfModelType::bert, "bert"},
                                                       {HfModelType::vit, "vit"},
                                                       {HfModelType::t5, "t5"},
                                                       {HfModelType::swin, "swin"}}};

// Keys of the base class that say how a model is stored, called or sampled from.
void ignore_common_keys(HfConfigReader& reader) {
  reader.ignore_keys({"_name_or_path", "name_or_path", "transformers_version", "dtype",
                      "torch_dtype", "use_cache", "_attn_implementation", "attn_implementation",
                      "_attn_implementation_autoset", "torchscript", "use_bfloat16",
                      "tf_legacy_loss", "gradient_checkpointing", "chunk_size_feed_forward"});
  reader.ignore_keys({"bos_token_id", "eos_token_id", "sep_token_id", "unk_token_id",
                      "decoder_start_token_id", "tokenizer_class", "prefix"});
  reader.ignore_keys({"id2label", "label2id", "num_labels", "problem_type", "finetuning_task",
                      "task_specific_params"});
  reader.ignore_keys({"output_hidden_states", "output_attentions", "return_dict", "is_decoder",
                      "cross_attention_hidden_size", "tie_encoder_decoder"});
  reader.ignore_keys({"max_length",
                      "min_length",
                      "do_sample",
                      "early_stopping",
                      "num_beams",
                      "num_beam_groups",
                      "diversity_penalty",
                      "temperature",
                      "top_k",
                      "top_p",
                      "typical_p",
                      "repetition_penalty",
                      "length_penalty",
                      "no_repeat_ngram_size",
                      "encoder_no_repeat_ngram_size",
                      "bad_words_ids",
                      "num_return_sequences",
                      "output_scores",
                      "return_dict_in_generate",
                      "forced_bos_token_id",
                      "forced_eos_token_id",
                      "remove_invalid_values",
                      "suppress_tokens",
                      "exponential_decay_length_penalty",
                      "begin_suppress_tokens"});
}

// What models descended from these families added to their computation.
void refuse_relatives(HfConfigReader& reader) {
  reader.refuse_keys(
      {"num_local_experts", "num_experts", "num_experts_per_tok", "n_routed_experts",
       "n_shared_experts", "moe_intermediate_size", "router_aux_loss_coef", "output_router_logits"},
      "mixtures of experts are not planned");
  reader.refuse_keys({"sliding_window", "attention_chunk_size", "layer_types", "no_rope_layers"},
                     "every layer attends to all positions before");
  reader.refuse_keys({"final_logit_softcapping", "attn_logit_softcapping", "query_pre_attn_scalar",
                      "embedding_multiplier", "residual_multiplier", "attention_multiplier",
                      "logits_scaling", "logit_scale"},
                     "scores and logits are not rescaled or capped");
  reader.refuse_keys({"use_qk_norm", "qk_norm", "qk_layernorm"}, "queries and keys have no norm");
  reader.refuse_keys({"quantization_config"}, "weights are trained in fp32 or bf16");
  const Node* pruned = reader.map().value("pruned_heads");
  if (pruned != nullptr && !pruned->entries.empty()) {
    reader.map().refuse("pruned_heads", "is not supported: all heads of a layer are equal");
  }
}

// Other heads than the planned one share the config.
void check_architecture(HfConfigReader& reader, const std::string& expected_class) {
  const auto classes = reader.map().optional_list<std::string>("architectures");
  if (!classes || classes->empty()) return;
  if (std::find(classes->begin(), classes->end(), expected_class) != classes->end()) return;
  reader.warn("architectures",
              fmt::format("{} is planned as {}", classes->front(), expected_class));
}

// Tokens of a sample unless a user says otherwise: as many as the model's positions cover; T5,
// which covers any distance, was trained on 512.
std::int64_t usual_length(const Model& model) {
  constexpr std::int64_t kTrainedOn = 512;
  return std::holds_alternative<T5Config>(model.config) ? kTrainedOn : most_positions(model);
}

}  // namespace

ModelReading read_hf_config(const Document& document) {
  ErrorList errors(document.source);
  HfConfigReader reader(document, errors);
  const auto type = reader.map().required("model_type", kModelTypeNames);
  errors.throw_if_any();  // the keys of another family would all be unknown
  ModelReading reading;
  switch (type) {
    case HfModelType::gpt2:
      reading.model.config = read_hf_gpt2(reader);
      check_architecture(reader, "GPT2LMHeadModel");
      break;
    case HfModelType::llama:
      reading.model.config = read_hf_llama(reader);
      check_architecture(reader, "LlamaForCausalLM");
      break;
    case HfModelType::bert: {
      const BertConfig config = read_hf_bert(reader);
      reading.model.config = config;
      check_architecture(
          reader, config.head == BertHead::pretraining ? "BertForPreTraining" : "BertForMaskedLM");
      break;
    }
    case HfModelType::vit:
      reading.model.config = read_hf_vit(reader);
      check_architecture(reader, "ViTForImageClassification");
      break;
    case HfModelType::t5:
      reading.model.config = read_hf_t5(reader);
      check_architecture(reader, "T5ForConditionalGeneration");
      break;
    case HfModelType::swin:
      reading.model.config = read_hf_swin(reader);
      check_architecture(reader, "SwinForImageClassification");
      break;
  }
  reader.require_value("is_encoder_decoder", type == HfModelType::t5 ? "true" : "false");
  reading.model.sequence_length = usual_length(reading.model);
  refuse_relatives(reader);
  ignore_common_keys(reader);
  errors.throw_if_any();
  reading.warnings = reader.finish();
  return reading;
}

}  // namespace galvatron
