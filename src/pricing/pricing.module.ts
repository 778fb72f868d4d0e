import { Global, Module } from '@nestjs/common';
import { ContractsService } from './contracts.service.js';

@Global()
@Module({ providers: [ContractsService], exports: [ContractsService] })
export class PricingModule {}
