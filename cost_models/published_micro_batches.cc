#include "cost_models/published_micro_batches.h"

namespace galvatron {
namespace {

double bert_micro_batches(const Strategy& strategy, const PublishedSetting& setting) {
  const double samples = samples_per_rank(strategy, setting);
  if (setting.pipeline == 1) return 1;
  if (strategy.tensor > 1 && strategy.data == 1) return samples / 4;
  return samples < 6 ? samples / 2 : samples / 8 + 2;
}

double swin_micro_batches(double samples) {
  if (samples <= 8) return 1;
  if (samples < 32) return 2;
  return samples <= 96 ? 3 : 4;
}

}  // namespace

double published_micro_batches(const Strategy& strategy, const PublishedSetting& setting) {
  const double samples = samples_per_rank(strategy, setting);
  switch (setting.model.micro_batches) {
    case MicroBatchRule::bert:
      return bert_micro_batches(strategy, setting);
    case MicroBatchRule::vit:
      return samples == 8 ? 1 : 2;
    case MicroBatchRule::t5:
      return samples == 2 ? 1 : setting.pipeline == 8 ? 3 : 2;
    case MicroBatchRule::swin:
      return swin_micro_batches(samples);
  }
  return 1;
}

}  // namespace galvatron
