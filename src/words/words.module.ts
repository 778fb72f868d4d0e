import { Global, Module } from '@nestjs/common';
import { WordsService } from './words.service.js';

@Global()
@Module({ providers: [WordsService], exports: [WordsService] })
export class WordsModule {}
