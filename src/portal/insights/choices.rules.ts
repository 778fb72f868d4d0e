import type { ContractChoice } from '../../insights/index.js';

export interface Choice {
  readonly value: string;
  readonly text: string;
}

type Named = Pick<ContractChoice, 'contractId' | 'code' | 'title'>;

/** Contracts to choose from, by code. */
export function contractChoices(contracts: readonly Named[]): Choice[] {
  return contracts.map(({ contractId, code, title }) => ({ value: contractId, text: `${code} ${title}` }));
}

/** The providers of contracts, each once, by name. */
export function providerChoices(contracts: readonly ContractChoice[]): Choice[] {
  return once(contracts.map(({ providerId, providerName }) => ({ value: providerId, text: providerName })));
}

/** The commissioners of contracts, each once, by name. */
export function commissionerChoices(contracts: readonly ContractChoice[]): Choice[] {
  return once(
    contracts.map(({ commissionerId, commissionerName }) => ({ value: commissionerId, text: commissionerName })),
  );
}

function once(choices: readonly Choice[]): Choice[] {
  const byValue = new Map(choices.map((choice) => [choice.value, choice]));
  return [...byValue.values()].sort((a, b) => (a.text < b.text ? -1 : 1));
}
