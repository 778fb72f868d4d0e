import type { Party } from './world.js';

/** What an entry must say, and no more. */
export const BARE_LISTING = { name: 'Singing group', summary: 'Sing with others.', cost: 'free', places: 'accepting' };

/** An entry with everything that one can say. */
export const FULL_LISTING = {
  ...BARE_LISTING,
  description: 'An hour of songs.\nNo need to read music, and tea after it.',
  eligibility: 'Anybody who lives with a lung condition.',
  minimumAge: 18,
  maximumAge: 99,
  costNote: 'Tea is 50p.',
  languages: ['en', 'bn'],
  areas: ['Northmarsh', 'ZE9'],
  online: true,
  venue: {
    name: 'Quay Hall',
    address: ['Upper room', '1 Quay Road'],
    town: 'Northmarsh',
    county: 'Marshland',
    postcode: 'ze94da',
  },
  schedule: [
    { day: 'TU', opensAt: '14:00', closesAt: '15:30', note: 'Not in August' },
    { day: 'FR', opensAt: '10:00', closesAt: '11:00' },
  ],
  howToRefer: 'Send a referral, and we ring within a week.',
  email: 'hello@singers.example',
  phone: '01632 960 001',
  url: 'https://singers.example/group',
  accessibility: 'A ramp, and a loop for hearing aids.',
  places: 'waiting_list',
};

/** Writes the entry of a service as its commissioner, and shows it. */
export async function list(by: Party, serviceId: string, content: object = BARE_LISTING): Promise<void> {
  const { api } = await by.as('contract_manager');
  await api.put(`/v1/services/${serviceId}/listing`, content);
  await api.post(`/v1/services/${serviceId}/listing/list`);
}
