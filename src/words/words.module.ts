import { Global, Module } from '@nestjs/common';
import { WordingsService } from './wordings.service.js';
import { WordsService } from './words.service.js';

@Global()
@Module({ providers: [WordsService, WordingsService], exports: [WordsService, WordingsService] })
export class WordsModule {}
