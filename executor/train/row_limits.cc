#include "executor/train/row_limits.h"

namespace galvatron {
namespace {

struct LimitsOf {
  RowLimits tokens;  // of the embedding

  RowLimits operator()(const BertConfig& config) const {
    RowLimits limits = tokens;
    limits.objective =
        config.head == BertHead::pretraining ? Objective::sentence_pair : Objective::masked_token;
    limits.token_types = config.token_types;
    return limits;
  }
  RowLimits operator()(const VitConfig& config) const { return images(config); }
  RowLimits operator()(const SwinConfig& config) const { return images(config); }
  RowLimits operator()(const T5Config& config) const {
    RowLimits limits = tokens;
    limits.objective = Objective::target_sequence;
    limits.target_length = target_length(config, tokens.sequence_length);
    limits.start_token = config.start_token;
    limits.padding_token = config.padding_token;
    return limits;
  }
  // The causal language models and what users bring.
  template <typename Config>
  RowLimits operator()(const Config&) const {
    return tokens;
  }

 private:
  template <typename Config>
  RowLimits images(const Config& config) const {
    RowLimits limits = tokens;
    limits.objective = Objective::image_class;
    limits.vocabulary = config.classes;
    limits.image_shape = {config.channels, config.image_height, config.image_width};
    return limits;
  }
};

}  // namespace

RowLimits row_limits(const Model& model, const LayerGraph& graph) {
  const Layer& embedding = layer_at(graph, 0);
  return std::visit(LimitsOf{{.sequence_length = embedding.tokens_per_sample,
                              .vocabulary = embedding.vocabulary}},
                    model.config);
}

}  // namespace galvatron
